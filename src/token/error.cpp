#include <latchkey/token/error.hpp>

#include <utility>

namespace latchkey::token {

std::string_view rule_name(TokenError error) noexcept {
    switch (error) {
        using enum TokenError;
        case Missing: return "missing";
        case TooLong: return "too_long";
        case WrongSegmentCount: return "wrong_segment_count";
        case NotBase64Url: return "not_base64url";
        case HeaderNotJson: return "header_not_json";
        case HeaderDuplicateName: return "header_duplicate_name";
        case HeaderCritical: return "header_critical";
        case TypeNotAllowed: return "type_not_allowed";
        case AlgorithmNotAllowed: return "algorithm_not_allowed";
        case SignatureMismatch: return "signature_mismatch";
        case ClaimsNotJson: return "claims_not_json";
        case ClaimDuplicateName: return "claim_duplicate_name";
        case TooManyClaims: return "too_many_claims";
        case UserIdNotText: return "user_id_not_text";
        case UserIdInvalid: return "user_id_invalid";
        case DateNotNumber: return "date_not_number";
        case DateOutOfRange: return "date_out_of_range";
        case ServerNotTrue: return "server_not_true";
        case ServerWithUserId: return "server_with_user_id";
        case UserIdMissing: return "user_id_missing";
        case Expired: return "expired";
        case NotYetValid: return "not_yet_valid";
        case IssuedInFuture: return "issued_in_future";
        case RevokedForUser: return "revoked_for_user";
        case RevokedForApp: return "revoked_for_app";
    }
    std::unreachable();
}

}  // namespace latchkey::token
