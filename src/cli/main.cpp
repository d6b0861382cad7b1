#include "cli/command_line.hpp"

int main(int argc, char** argv) { return latchkey::cli::run({argv, argv + argc}); }
