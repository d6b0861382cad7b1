#include "contract/samples.hpp"
#include "contract/store_harness.hpp"
#include "storage/sqlite/sqlite_store.hpp"
#include "support/recording_log.hpp"

#include <latchkey/base/random_source.hpp>

#include <unistd.h>

#include <cstdio>
#include <string>

// storage_victim DIRECTORY FIRST: stores users named uFIRST and on, for ever, and writes the number
// of each to standard output once it is stored. Its parent kills it.
int main(int, char** arguments) {
    using namespace latchkey;
    SystemRandomSource random;
    test::RecordingLog log;
    auto store = storage::SqliteStore::open({.data_directory = arguments[1]}, random, log);
    for (std::uint64_t number = std::stoull(arguments[2]);; ++number) {
        auto const result = test::commit_one(*store, [&](domain::Transaction& transaction) {
            auto const key = *ApiKey::parse("app");
            auto const app = transaction.apps().find_by_key(key);
            auto const id =
                app ? app->id : transaction.apps().insert(test::plain_app("app")).value();
            test::put(transaction, id, test::revoked_user("u" + std::to_string(number)), true);
        });
        if (result.jobs.front() != domain::JobResult::Committed ||
            ::write(STDOUT_FILENO, &number, sizeof number) != sizeof number) {
            return 1;
        }
    }
}
