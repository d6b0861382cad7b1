#include "api/admin_endpoints.hpp"
#include "api/admin_json.hpp"
#include "api/audit_json.hpp"
#include "api/auditing.hpp"
#include "api/credentials.hpp"
#include "api/errors.hpp"
#include "wire/json.hpp"

#include <concepts>
#include <cstdint>
#include <functional>
#include <limits>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace latchkey::api::admin {
namespace {

using domain::AuditQuery;
using domain::AuditVerdict;
using domain::Transaction;
using wire::ApiError;

std::optional<std::string> find_parameter(AdminCall const& call, std::string_view name) {
    std::string storage;
    auto const text = query_parameter(call.request.query, name, storage);
    return text.empty() ? std::nullopt : std::optional<std::string>(text);
}

std::expected<AuditQuery, ApiError> parse_query(AdminCall const& call) {
    AuditQuery query{.app = find_parameter(call, "app"),
                     .actor = find_parameter(call, "actor"),
                     .action = find_parameter(call, "action")};
    auto const limit = read_limit(call.request.query, query.limit, kAuditPageMax);
    if (!limit) {
        return std::unexpected(limit.error());
    }
    auto const before =
        number_parameter(call.request.query, "before", std::numeric_limits<std::int64_t>::max());
    if (!before) {
        return std::unexpected(before.error());
    }
    query.limit = *limit;
    query.before_number = *before;
    return query;
}

/// Steps of a walk over the log, each a job of its own, so that nobody who wants to write waits for
/// all of it. Belongs to the loop; only a job that runs touches `walk` from the store's thread.
struct SteppedWalk {
    Node const& node;
    http::Loop& loop;
    std::move_only_function<void(Transaction&)> first;  ///< done before the first step
    std::move_only_function<Answer(AuditVerdict const&)> tell;
    std::move_only_function<void(LateAdminReply)> go_on;
    domain::AuditWalk walk{};
};

void take_step(std::shared_ptr<SteppedWalk> const& steps) {
    auto job = [steps](Transaction& transaction) {
        if (steps->first) {
            std::exchange(steps->first, {})(transaction);
        }
        transaction.audit().walk(steps->walk, domain::kAuditWalkEntriesMax);
        return domain::Outcome::Commit;
    };
    auto done = [steps](domain::WorkResult result) {
        steps->loop.post([steps, result] {
            if (result != domain::WorkResult::Done) {
                std::exchange(steps->go_on, {})(std::unexpected(store_unavailable()));
            } else if (steps->walk.finished) {
                std::exchange(steps->go_on, {})(steps->tell(steps->walk.verdict));
            } else {
                take_step(steps);
            }
        });
    };
    steps->node.store.submit(std::move(job), std::move(done));
}

/// Does `first`, walks over the whole log, and answers with what `tell` says of it.
AdminReply walk_and_tell(AdminCall const& call, std::move_only_function<void(Transaction&)> first,
                         std::move_only_function<Answer(AuditVerdict const&)> tell) {
    auto const* const node = call.world.node;
    if (node == nullptr) {
        return StoreWork([first = std::move(first),
                          tell = std::move(tell)](Transaction& transaction) mutable -> Result {
            if (first) {
                first(transaction);
            }
            return tell(transaction.audit().verify());
        });
    }
    return Detour([node, loop = call.world.loop, first = std::move(first),
                   tell = std::move(tell)](auto go_on) mutable {
        take_step(std::make_shared<SteppedWalk>(*node, *loop, std::move(first), std::move(tell),
                                                std::move(go_on)));
    });
}

/// One thing that was looked at.
struct Finding {
    std::string_view name;
    std::optional<std::string> fault;
    std::string detail;  ///< where there is no fault
};

/// What `look` says is wrong, or that it could not look.
template <std::invocable Look>
std::optional<std::string> fault_of(Look look) {
    try {
        return look();
    } catch (domain::StoreFailure const& failure) {
        // Whoever asks what is wrong wants to hear it, and the rest of what there is.
        return failure.what();
    }
}

void look_at_store(Transaction& transaction, std::vector<Finding>& findings) {
    findings.push_back({.name = "store",
                        .fault = fault_of([&] { return transaction.find_damage(); }),
                        .detail = "no damage found"});
    std::size_t apps = 0;
    auto fault = fault_of([&]() -> std::optional<std::string> {
        apps = transaction.apps().all().size();  // opens every secret
        return std::nullopt;
    });
    findings.push_back({.name = "master key",
                        .fault = std::move(fault),
                        .detail = "opens the secrets of all apps (" + std::to_string(apps) + ")"});
}

Finding judge(AuditVerdict const& verdict) {
    Finding finding{.name = "audit log",
                    .fault = std::nullopt,
                    .detail = "whole (entries: " + std::to_string(verdict.entries) + ")"};
    if (verdict.first_bad) {
        finding.fault = verdict.why;
    }
    return finding;
}

Answer findings_answer(std::vector<Finding> const& findings) {
    bool all_well = true;
    Answer answer{.members = "\"checks\":["};
    for (auto const& finding : findings) {
        all_well = all_well && !finding.fault;
        answer.members += &finding == &findings.front() ? "{\"name\":" : ",{\"name\":";
        wire::append_json_string(answer.members, finding.name);
        answer.members += finding.fault ? ",\"ok\":false,\"detail\":" : ",\"ok\":true,\"detail\":";
        wire::append_json_string(answer.members, finding.fault.value_or(finding.detail));
        answer.members += '}';
    }
    answer.members += all_well ? "],\"ok\":true" : "],\"ok\":false";
    return answer;
}

}  // namespace

AdminReply list_audit(AdminCall const& call) {
    auto query = parse_query(call);
    if (!query) {
        return std::unexpected(std::move(query).error());
    }
    return StoreWork([query = *std::move(query)](Transaction& transaction) mutable -> Result {
        auto const limit = query.limit;
        ++query.limit;  // one more tells whether there are more
        auto entries = transaction.audit().query(query);
        bool const has_more = entries.size() > limit;
        if (has_more) {
            entries.pop_back();
        }
        Answer answer{.members = "\"entries\":["};
        for (auto const& entry : entries) {
            answer.members += &entry == &entries.front() ? "" : ",";
            append_audit_entry(answer.members, entry);
        }
        answer.members += "],\"next\":";
        if (has_more) {
            wire::append_json_number(answer.members,
                                     static_cast<std::int64_t>(entries.back().number));
        } else {
            answer.members += "null";
        }
        return answer;
    });
}

AdminReply verify_audit(AdminCall const& call) {
    return walk_and_tell(call, {}, [](AuditVerdict const& verdict) {
        Answer answer{.members = verdict.first_bad ? "\"verified\":false" : "\"verified\":true"};
        answer.members += ",\"entries\":";
        wire::append_json_number(answer.members, static_cast<std::int64_t>(verdict.entries));
        answer.members += ",\"hash\":";
        if (verdict.hash.empty()) {
            answer.members += "null";
        } else {
            wire::append_json_string(answer.members, verdict.hash);
        }
        answer.members += ",\"first_bad\":";
        if (verdict.first_bad) {
            wire::append_json_number(answer.members, static_cast<std::int64_t>(*verdict.first_bad));
        } else {
            answer.members += "null";
        }
        answer.members += ",\"why\":";
        wire::append_json_string(answer.members, verdict.why);
        return answer;
    });
}

AdminReply examine(AdminCall const& call) {
    auto findings = std::make_shared<std::vector<Finding>>();
    return walk_and_tell(
        call, [findings](Transaction& transaction) { look_at_store(transaction, *findings); },
        [findings](AuditVerdict const& verdict) {
            findings->push_back(judge(verdict));
            return findings_answer(*findings);
        });
}

}  // namespace latchkey::api::admin
