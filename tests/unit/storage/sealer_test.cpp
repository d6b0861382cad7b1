#include "storage/sealer.hpp"

#include "unit/storage/store_fixture.hpp"

#include <fcntl.h>
#include <sys/stat.h>

#include <string>

namespace latchkey {
namespace {

namespace fs = std::filesystem;
using storage::load_or_create_master_key;
using storage::parse_master_key;
using storage::Sealer;
using test::failure_of;
using testing::HasSubstr;

Secret key_of(char fill) { return Secret(std::string(storage::kMasterKeyBytes, fill)); }

TEST(SealerTest, OpensWhatItSealed) {
    test::SeededRandom random;
    Sealer const sealer(key_of('k'), random);
    for (std::string const& plain :
         {std::string(), std::string("secret"), std::string(1024, '\0')}) {
        EXPECT_EQ(sealer.open(sealer.seal(plain, "context"), "context").value().reveal(), plain);
    }
}

TEST(SealerTest, NeverSealsTheSameTwiceAlike) {
    test::SeededRandom random;
    Sealer const sealer(key_of('k'), random);
    EXPECT_NE(sealer.seal("secret", "context"), sealer.seal("secret", "context"));
}

TEST(SealerTest, RefusesAnotherContextAndAnotherKey) {
    test::SeededRandom random;
    Sealer const sealer(key_of('k'), random);
    auto const sealed = sealer.seal("secret", "context");
    EXPECT_FALSE(sealer.open(sealed, "contexT"));
    EXPECT_FALSE(Sealer(key_of('l'), random).open(sealed, "context"));
}

TEST(SealerTest, RefusesEveryFlippedBitAndEveryCutLength) {
    test::SeededRandom random;
    Sealer const sealer(key_of('k'), random);
    auto const sealed = sealer.seal("secret", "context");
    for (std::size_t bit = 0; bit < sealed.size() * 8; ++bit) {
        auto flipped = sealed;
        flipped[bit / 8] = static_cast<char>(flipped[bit / 8] ^ (1 << (bit % 8)));
        EXPECT_FALSE(sealer.open(flipped, "context")) << bit;
    }
    for (std::size_t length = 0; length < sealed.size(); ++length) {
        EXPECT_FALSE(sealer.open(std::string_view(sealed).substr(0, length), "context")) << length;
    }
    EXPECT_FALSE(sealer.open(sealed + "x", "context"));
}

TEST(SealerTest, DerivesOneKeyForEachPurposeAndMasterKey) {
    test::SeededRandom random;
    Sealer const sealer(key_of('k'), random);
    Secret const key = sealer.derive_key("audit");
    EXPECT_EQ(key.reveal().size(), storage::kMasterKeyBytes);
    EXPECT_EQ(Sealer(key_of('k'), random).derive_key("audit").reveal(), key.reveal());
    EXPECT_NE(sealer.derive_key("audi").reveal(), key.reveal());
    EXPECT_NE(Sealer(key_of('l'), random).derive_key("audit").reveal(), key.reveal());
    EXPECT_NE(key.reveal(), key_of('k').reveal());
}

TEST(SealerTest, RefusesAMasterKeyOfAnotherLength) {
    test::SeededRandom random;
    for (std::size_t const bytes : {31U, 33U}) {
        EXPECT_THROW(Sealer(Secret(std::string(bytes, 'k')), random), domain::StoreFailure);
    }
}

TEST(ParseMasterKey, TakesSixtyFourHexDigitsAndOneLineBreak) {
    std::string const digits(64, 'A');
    EXPECT_EQ(parse_master_key(digits).value().reveal(), std::string(32, '\xaa'));
    EXPECT_TRUE(parse_master_key(std::string(64, 'a') + "\n"));
    for (auto const& text :
         {std::string(), std::string(63, 'a'), std::string(65, 'a'), std::string(62, 'a'),
          std::string(66, 'a'), digits + "\n\n", " " + digits, std::string(63, 'a') + "g"}) {
        EXPECT_FALSE(parse_master_key(text)) << text;
    }
}

class MasterKeyFile : public test::StoreFixture {
protected:
    MasterKeyFile() { fs::create_directory(path()); }
    fs::path file() const { return path("master.key"); }
    std::string failure() {
        return failure_of([&] { std::ignore = load_or_create_master_key(path(), random_); });
    }
};

TEST_F(MasterKeyFile, IsMadePrivateAndReadAgain) {
    auto const key = load_or_create_master_key(path(), random_);
    EXPECT_EQ(key.reveal().size(), storage::kMasterKeyBytes);
    EXPECT_EQ(fs::status(file()).permissions(), fs::perms(0600));
    EXPECT_EQ(load_or_create_master_key(path(), random_).reveal(), key.reveal());
    EXPECT_EQ(std::distance(fs::directory_iterator(path()), {}), 1);
}

TEST_F(MasterKeyFile, IsRefusedWhereOthersCanUseIt) {
    std::ignore = load_or_create_master_key(path(), random_);
    for (int const mode : {0640, 0604, 0620, 0601}) {
        fs::permissions(file(), fs::perms(mode));
        EXPECT_THAT(failure(), HasSubstr("chmod 600")) << mode;
    }
    fs::permissions(file(), fs::perms(0400));
    EXPECT_EQ(failure(), "");
}

TEST_F(MasterKeyFile, IsRefusedWhenMalformedWithoutQuotingIt) {
    test::write_file(file(), std::string(63, 'e'));
    fs::permissions(file(), fs::perms(0600));
    EXPECT_THAT(failure(), HasSubstr("64 hex digits"));
    EXPECT_THAT(failure(), testing::Not(HasSubstr("eeee")));
}

TEST_F(MasterKeyFile, IsNotMadeAnewBesideAStoreThatNeedsTheLostOne) {
    test::write_file(path("latchkey.db"), "");
    EXPECT_THAT(failure(), HasSubstr("restore the file"));
    EXPECT_FALSE(fs::exists(file()));
}

TEST_F(MasterKeyFile, IsMadeWhereAnEarlierAttemptWasCutShort) {
    test::write_file(path("master.key.new"), "12");
    EXPECT_EQ(failure(), "");
    EXPECT_TRUE(parse_master_key(test::read_file(file())));
}

}  // namespace
}  // namespace latchkey
