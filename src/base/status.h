// SPDX-License-Identifier: Apache-2.0
// Status and Result<T>: how everything in src/ that can fail because of its
// input says so. Our own code throws nothing, aborts never and prints nothing.

#ifndef SIMILE_BASE_STATUS_H_
#define SIMILE_BASE_STATUS_H_

#include <optional>
#include <string>
#include <utility>

namespace simile {

// The numbers cross the border to JavaScript (js/errors.js has the same list).
enum class StatusCode {
  kOk = 0,
  kInvalidArgument = 1,  // the caller's values: text, option, range
  kBadModel = 2,         // a file that is no model, or one we do not support
  kIntegrity = 3,        // a hash or a golden vector that differs
  kOutOfMemory = 4,
  kInternal = 5,         // our own bug
};

// A code and a sentence that says what, where, expected and found.
class [[nodiscard]] Status {
 public:
  Status() = default;
  Status(StatusCode code, std::string message)
      : code_(code), message_(std::move(message)) {}

  bool ok() const { return code_ == StatusCode::kOk; }
  StatusCode code() const { return code_; }
  const std::string& message() const { return message_; }

 private:
  StatusCode code_ = StatusCode::kOk;
  std::string message_;
};

inline Status InvalidArgument(std::string message) {
  return Status(StatusCode::kInvalidArgument, std::move(message));
}
inline Status BadModel(std::string message) {
  return Status(StatusCode::kBadModel, std::move(message));
}
inline Status IntegrityError(std::string message) {
  return Status(StatusCode::kIntegrity, std::move(message));
}
inline Status OutOfMemory(std::string message) {
  return Status(StatusCode::kOutOfMemory, std::move(message));
}
inline Status InternalError(std::string message) {
  return Status(StatusCode::kInternal, std::move(message));
}

// Either a value or the Status that says why there is none.
template <typename T>
class [[nodiscard]] Result {
 public:
  Result(T value) : value_(std::move(value)) {}            // NOLINT: implicit
  Result(Status status) : status_(std::move(status)) {}    // NOLINT: implicit

  bool ok() const { return value_.has_value(); }
  const Status& status() const { return status_; }
  T& value() { return *value_; }
  const T& value() const { return *value_; }

 private:
  std::optional<T> value_;
  Status status_;
};

}  // namespace simile

#define SIMILE_CONCAT_INNER(a, b) a##b
#define SIMILE_CONCAT(a, b) SIMILE_CONCAT_INNER(a, b)

#define SIMILE_RETURN_IF_ERROR(expr)                       \
  do {                                                     \
    if (::simile::Status simile_status = (expr); !simile_status.ok()) \
      return simile_status;                                \
  } while (0)

#define SIMILE_ASSIGN_OR_RETURN(lhs, expr) \
  SIMILE_ASSIGN_OR_RETURN_IMPL(SIMILE_CONCAT(simile_result_, __LINE__), lhs, expr)
#define SIMILE_ASSIGN_OR_RETURN_IMPL(result, lhs, expr) \
  auto result = (expr);                                 \
  if (!result.ok()) return result.status();             \
  lhs = std::move(result.value())

#endif  // SIMILE_BASE_STATUS_H_
