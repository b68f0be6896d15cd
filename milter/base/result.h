// SPDX-License-Identifier: GPL-2.0-or-later
// A value, or the reason why there is none.  Expected failures (bad input, a server that is away) travel as
// Result; exceptions are for bugs and exhausted memory only and are caught at the outermost callback.
#pragma once

#include <string>
#include <utility>
#include <variant>

namespace postern {

enum class ErrorKind {
  kInvalid,      // the input is wrong; the text names the place and what was expected
  kNotFound,     // there is no such thing
  kUnavailable,  // a server, file or worker cannot be reached now
  kTimeout,      // the time limit passed
  kConflict,     // somebody else changed it first, or it needs --force
};

// One failure.  `text` is a whole sentence for an administrator, without a trailing period.
struct Error {
  ErrorKind kind = ErrorKind::kInvalid;
  std::string text;
};

inline Error invalid(std::string text) { return {ErrorKind::kInvalid, std::move(text)}; }
inline Error not_found(std::string text) { return {ErrorKind::kNotFound, std::move(text)}; }
inline Error unavailable(std::string text) { return {ErrorKind::kUnavailable, std::move(text)}; }
inline Error timed_out(std::string text) { return {ErrorKind::kTimeout, std::move(text)}; }
inline Error conflict(std::string text) { return {ErrorKind::kConflict, std::move(text)}; }

// Either a T or an Error.  Ask ok() before value(); asking the wrong side is a bug (std::bad_variant_access).
template <class T>
class [[nodiscard]] Result {
 public:
  Result(T value) : state_(std::in_place_index<0>, std::move(value)) {}      // NOLINT(google-explicit-constructor)
  Result(Error error) : state_(std::in_place_index<1>, std::move(error)) {}  // NOLINT(google-explicit-constructor)
  bool ok() const { return state_.index() == 0; }
  explicit operator bool() const { return ok(); }
  const T& value() const& { return std::get<0>(state_); }
  T& value() & { return std::get<0>(state_); }
  T&& value() && { return std::get<0>(std::move(state_)); }
  const T& operator*() const& { return value(); }
  T& operator*() & { return value(); }
  const T* operator->() const { return &value(); }
  T* operator->() { return &value(); }
  const Error& error() const { return std::get<1>(state_); }

 private:
  std::variant<T, Error> state_;
};

struct Nothing {};
// Success without a value, or an Error: `return Nothing{};`
using Status = Result<Nothing>;

}  // namespace postern
