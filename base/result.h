// How functions fail: a value, or an Error that says what, where and what to do about it.
#pragma once

#include <fmt/format.h>
#include <tl/expected.hpp>

#include <string>
#include <utility>

namespace ridgeline {

// What kind of failure this is; the command line turns it into its exit status.
enum class ErrorCode {
  Negative,     // the work was done and the answer is no (exit 1)
  Usage,        // the caller asked for something that makes no sense (exit 2)
  BadInput,     // a file or value handed in cannot be used (exit 3)
  Unavailable,  // this machine lacks what is needed: a library, a device, a permission, disk space (exit 4)
  Interrupted,  // the user asked to stop (exit 130)
  Internal      // a bug in Ridgeline (exit 70)
};

struct Error {
  ErrorCode code = ErrorCode::Internal;
  std::string message;  // what went wrong and where, one line, no full stop
  std::string hint;     // what to do about it; may be empty

  // "message; hint" on one line.
  std::string text() const { return hint.empty() ? message : message + "; " + hint; }
};

template <class T>
using Result = tl::expected<T, Error>;
using Status = Result<void>;

inline tl::unexpected<Error> fail(ErrorCode code, std::string message, std::string hint = {}) {
  return tl::unexpected<Error>(Error{code, std::move(message), std::move(hint)});
}
inline tl::unexpected<Error> badInput(std::string message, std::string hint = {}) {
  return fail(ErrorCode::BadInput, std::move(message), std::move(hint));
}
inline tl::unexpected<Error> unavailable(std::string message, std::string hint = {}) {
  return fail(ErrorCode::Unavailable, std::move(message), std::move(hint));
}
inline tl::unexpected<Error> internalError(std::string message) {
  return fail(ErrorCode::Internal, std::move(message));
}

// Passes the error of another Result on: `if (!r) return passOn(r);`
template <class T>
tl::unexpected<Error> passOn(Result<T>& r) {
  return tl::unexpected<Error>(std::move(r.error()));
}
template <class T>
tl::unexpected<Error> passOn(Result<T>&& r) {
  return tl::unexpected<Error>(std::move(r.error()));
}

}  // namespace ridgeline
