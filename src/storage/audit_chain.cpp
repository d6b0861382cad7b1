#include "storage/audit_chain.hpp"

#include "storage/sodium_start.hpp"

#include <sodium.h>

#include <algorithm>
#include <utility>

namespace latchkey::storage {
namespace {

static_assert(kAuditHashBytes == crypto_generichash_BYTES);
static_assert(kAuditKeyBytes == crypto_generichash_KEYBYTES);

/// Takes fields one after the other. Numbers have eight bytes and texts their length before them,
/// so that no two sequences of fields of the same kinds are the same bytes.
class KeyedHash {
public:
    KeyedHash(Secret const& key, std::string_view purpose) {
        auto const bytes = key.reveal();
        crypto_generichash_init(&state_, reinterpret_cast<unsigned char const*>(bytes.data()),
                                bytes.size(), kAuditHashBytes);
        add(purpose);
    }

    void add(std::int64_t number) {
        std::array<char, sizeof number> bytes{};
        auto rest = static_cast<std::uint64_t>(number);
        for (char& byte : bytes) {
            byte = static_cast<char>(rest & 0xffU);
            rest >>= 8U;
        }
        add_bytes({bytes.data(), bytes.size()});
    }
    void add(std::string_view text) {
        add(static_cast<std::int64_t>(text.size()));
        add_bytes(text);
    }

    [[nodiscard]] AuditHash finish() {
        AuditHash hash{};
        crypto_generichash_final(&state_, reinterpret_cast<unsigned char*>(hash.data()),
                                 hash.size());
        return hash;
    }

private:
    void add_bytes(std::string_view bytes) {
        crypto_generichash_update(&state_, reinterpret_cast<unsigned char const*>(bytes.data()),
                                  bytes.size());
    }

    crypto_generichash_state state_{};
};

/// In constant time: who can ask for a walk must not learn a hash that the key is needed for.
bool is_same(std::string_view stored, AuditHash const& computed) {
    return stored.size() == computed.size() &&
           sodium_memcmp(stored.data(), computed.data(), computed.size()) == 0;
}

AuditHash to_hash(std::string_view bytes) {
    AuditHash hash{};
    std::ranges::copy(bytes.substr(0, hash.size()), hash.begin());
    return hash;
}

}  // namespace

std::string format_hex(AuditHash const& hash) {
    std::string hex(2 * hash.size() + 1, '\0');
    sodium_bin2hex(hex.data(), hex.size(), reinterpret_cast<unsigned char const*>(hash.data()),
                   hash.size());
    hex.pop_back();
    return hex;
}

AuditChain::AuditChain(Secret key, std::string store)
    : key_(std::move(key)), store_(std::move(store)) {
    prepare_sodium();
}

AuditHead AuditChain::first_head() const {
    auto const hash = first_hash();
    return {.number = 0, .hash = hash, .seal = seal_of(0, hash)};
}

AuditHead AuditChain::next_head(AuditHash const& before, AuditRow const& row) const {
    auto const hash = hash_of(before, row);
    return {.number = row.number, .hash = hash, .seal = seal_of(row.number, hash)};
}

bool AuditChain::is_sealed(AuditHead const& head) const {
    return is_same(bytes_of(head.seal), seal_of(head.number, head.hash));
}

AuditHash AuditChain::first_hash() const {
    KeyedHash hash(key_, "start");
    hash.add(store_);
    return hash.finish();
}

AuditHash AuditChain::hash_of(AuditHash const& before, AuditRow const& row) const {
    KeyedHash hash(key_, "entry");
    hash.add(bytes_of(before));
    hash.add(row.number);
    hash.add(std::int64_t{row.at.time_since_epoch().count()});
    hash.add(row.actor_kind);
    for (auto const text :
         {row.actor, row.address, row.action, row.app, row.target, row.before, row.after}) {
        hash.add(text);
    }
    return hash.finish();
}

AuditHash AuditChain::seal_of(std::int64_t number, AuditHash const& last) const {
    KeyedHash hash(key_, "head");
    hash.add(number);
    hash.add(bytes_of(last));
    return hash.finish();
}

AuditWalker::AuditWalker(AuditChain const& chain, domain::AuditWalk& walk)
    : chain_(chain),
      walk_(walk),
      last_(walk.verdict.entries == 0 ? chain.first_hash() : to_hash(walk.hash)) {}

bool AuditWalker::take(AuditRow const& row, std::string_view hash) {
    auto const number = walk_.verdict.entries + 1;
    if (std::cmp_not_equal(row.number, number)) {
        fail(number, "entry " + std::to_string(number) + " is missing");
        return false;
    }
    auto const computed = chain_.hash_of(last_, row);
    if (!is_same(hash, computed)) {
        fail(number, "entry " + std::to_string(number) +
                         " is not what was written, or does not follow the one before it");
        return false;
    }
    last_ = computed;
    walk_.hash = bytes_of(computed);
    walk_.verdict.entries = number;
    return true;
}

void AuditWalker::finish(std::optional<AuditHead> const& head) {
    auto const entries = walk_.verdict.entries;
    if (!head) {
        fail(entries + 1, "the note of the last entry is gone: entries behind number " +
                              std::to_string(entries) + " may be missing");
    } else if (!chain_.is_sealed(*head)) {
        fail(entries + 1, "the note of the last entry was altered: entries behind number " +
                              std::to_string(entries) + " may be missing");
    } else if (std::cmp_greater(head->number, entries)) {
        fail(entries + 1, "the entries " + std::to_string(entries + 1) + " to " +
                              std::to_string(head->number) + " are missing");
    } else if (std::cmp_less(head->number, entries) || !is_same(bytes_of(head->hash), last_)) {
        fail(static_cast<std::uint64_t>(head->number) + 1,
             "the note of the last entry is an older one");
    }
    end();
}

void AuditWalker::fail(std::uint64_t number, std::string why) {
    walk_.verdict.first_bad = number;
    walk_.verdict.why = std::move(why);
    end();
}

void AuditWalker::end() {
    walk_.verdict.hash = walk_.verdict.entries == 0 ? std::string() : format_hex(last_);
    walk_.finished = true;
}

}  // namespace latchkey::storage
