#include "collector/import/json_stream.h"

#include <array>
#include <cstring>
#include <utility>

namespace ridgeline::collector::import {
namespace {

constexpr size_t kMargin = 16;    // before the data, for the bracket put before a batch
constexpr size_t kPadding = 128;  // behind it: a bracket, and what simdjson reads past the end
constexpr size_t kWindow = 1 << 20;
constexpr size_t kLargestElement = 64 << 20;
constexpr size_t kLargestMember = 4 << 20;
constexpr int kDeepest = 256;

bool isSpace(char c) { return c == ' ' || c == '\n' || c == '\t' || c == '\r'; }

enum Class : uint8_t { kOther, kQuote, kOpen, kClose, kComma };
constexpr std::array<uint8_t, 256> kClasses = [] {
  std::array<uint8_t, 256> t{};
  t['"'] = kQuote, t['{'] = t['['] = kOpen, t['}'] = t[']'] = kClose, t[','] = kComma;
  return t;
}();

}  // namespace

tl::unexpected<Error> JsonStream::noJson(std::string_view what) const {
  return badInput(fmt::format("{} is no valid JSON: {} at byte {}", m_name, what, offsetOf(m_at)));
}

tl::unexpected<Error> JsonStream::cutShort() const {
  return badInput(fmt::format("{} is cut short: it ends in the middle, at byte {}", m_name, offsetOf(m_end)),
                  "copy it again, or record it again");
}

Result<bool> JsonStream::fill(size_t keepFrom) {
  if (auto s = m_job.stop.check(); !s) return passOn(s);
  const size_t kept = m_end - keepFrom;
  if (m_buffer.empty()) {
    m_buffer.resize(kMargin + kWindow + kPadding);
    m_base = 0 - static_cast<uint64_t>(kMargin);
    m_at = m_end = keepFrom = kMargin;
  } else if (keepFrom > kMargin) {
    std::memmove(m_buffer.data() + kMargin, m_buffer.data() + keepFrom, kept);
    m_base += keepFrom - kMargin;
    m_at -= keepFrom - kMargin;
    m_end = kMargin + kept;
  }
  size_t room = m_buffer.size() - kPadding - m_end;
  if (room < kWindow / 4) {
    if (m_end - kMargin > kLargestElement) return noJson("a value of more than 64 MB");
    m_buffer.resize(m_buffer.size() * 2);
    room = m_buffer.size() - kPadding - m_end;
  }
  auto count = m_source.read(m_buffer.data() + m_end, room);
  if (!count) return passOn(count);
  m_end += *count;
  m_job.progress.fraction(m_source.progress());
  return *count > 0;
}

Result<bool> JsonStream::skipSpace() {
  for (;;) {
    while (m_at < m_end && isSpace(m_buffer[m_at])) ++m_at;
    if (m_at < m_end) return true;
    auto more = fill(m_at);
    if (!more || !*more) return more;
  }
}

// A value ends after its closing bracket or quote; a number or word at depth 0 ends before what may follow it.
JsonStream::Found JsonStream::scan(Scan& s) {
  const char* data = m_buffer.data();
  size_t at = m_at;
  const size_t end = m_end;
  Found found = Found::More;
  while (at < end) {
    if (s.inString) {
      if (s.escaped) {
        s.escaped = false, ++at;
        continue;
      }
      const auto* quote = static_cast<const char*>(std::memchr(data + at, '"', end - at));
      const size_t stop = quote != nullptr ? static_cast<size_t>(quote - data) : end;
      size_t slashes = 0;
      while (stop - slashes > at && data[stop - slashes - 1] == '\\') ++slashes;
      if (quote == nullptr) {
        s.escaped = slashes % 2 == 1;
        at = end;
        break;
      }
      at = stop + 1;
      if (slashes % 2 == 1) continue;
      s.inString = false;
      if (s.depth > 0) continue;
      found = Found::End;
      break;
    }
    const auto c = kClasses[static_cast<unsigned char>(data[at])];
    if (c == kOther && s.depth > 0) {
      ++at;
      continue;
    }
    if (c == kOther) {
      if (isSpace(data[at]) && s.started) {
        found = Found::End;
        break;
      }
      s.started = true, ++at;
    } else if (c == kQuote) {
      if (s.depth == 0 && s.started) {
        found = Found::Bad;
        break;
      }
      s.inString = s.started = true, ++at;
    } else if (c == kOpen) {
      if ((s.depth == 0 && s.started) || ++s.depth > kDeepest) {
        found = Found::Bad;
        break;
      }
      s.started = true, ++at;
    } else if (c == kClose) {
      if (s.depth == 0) {
        found = s.started ? Found::End : Found::Bad;
        break;
      }
      ++at;
      if (--s.depth == 0) {
        found = Found::End;
        break;
      }
    } else if (s.depth == 0) {
      found = s.started ? Found::End : Found::Bad;
      break;
    } else {
      ++at;
    }
  }
  m_at = at;
  return found;
}

// Reads over a value that begins at m_at. True: its text is [begin, m_at). False: it was too long to keep.
Result<bool> JsonStream::scanWhole(size_t& begin) {
  begin = m_at;
  bool kept = true;
  Scan state;
  for (;;) {
    const auto found = scan(state);
    if (found == Found::End) return kept;
    if (found == Found::Bad) return malformed(state);
    kept = kept && m_at - begin <= kLargestMember;
    auto more = fill(kept ? begin : m_at);
    if (!more) return passOn(more);
    begin = kMargin;
    if (!*more) return cutShort();
  }
}

tl::unexpected<Error> JsonStream::malformed(const Scan& state) const {
  return state.depth > kDeepest ? noJson(fmt::format("it nests deeper than {}", kDeepest))
                                : noJson("a value is malformed");
}

Result<std::string> JsonStream::key() {
  if (m_buffer[m_at] != '"') return noJson("a member has no name");
  size_t begin = 0;
  auto whole = scanWhole(begin);
  if (!whole) return passOn(whole);
  if (!*whole) return noJson("a member's name is too long");
  std::string out(m_buffer.data() + begin + 1, m_at - begin - 2);
  auto there = skipSpace();
  if (!there) return passOn(there);
  if (!*there) return cutShort();
  if (m_buffer[m_at] != ':') return noJson("a colon is missing");
  ++m_at;
  there = skipSpace();
  if (!there) return passOn(there);
  if (!*there) return cutShort();
  return out;
}

Status JsonStream::deliver(size_t begin, size_t end) {
  const char before = std::exchange(m_buffer[begin - 1], '[');
  const char after = std::exchange(m_buffer[end], ']');
  auto done = m_handler.elements({m_buffer.data() + begin - 1, end - begin + 2}, offsetOf(begin));
  m_buffer[begin - 1] = before;
  m_buffer[end] = after;
  return done;
}

// After the opening bracket. A batch is what is complete when the buffer has been looked through.
Status JsonStream::elements(bool openEnd) {
  ++m_at;
  size_t batch = 0, complete = 0;  // begin of the batch and end of its last complete element; 0: none
  bool comma = false, any = false;
  const auto flush = [&]() -> Status {
    Status done;
    if (complete != 0) done = deliver(batch, complete);
    batch = complete = 0;
    return done;
  };
  for (;;) {
    if (m_at == m_end) {
      if (auto s = flush(); !s) return s;
      auto more = fill(m_at);
      if (!more) return passOn(more);
      if (*more) continue;
      if (openEnd) return {};
      return cutShort();
    }
    const char c = m_buffer[m_at];
    if (isSpace(c)) {
      ++m_at;
    } else if (c == ']') {
      if (comma) return noJson("a comma with nothing behind it");
      ++m_at;
      return flush();
    } else if (c == ',') {
      if (comma || !any) return noJson("a comma with nothing before it");
      comma = true, ++m_at;
    } else {
      if (any && !comma) return noJson("a comma is missing");
      comma = false, any = true;
      if (batch == 0) batch = m_at;
      if (auto s = element(batch, complete); !s) return s;
    }
  }
}

// Over one element. When it goes on beyond the buffer, what is complete before it is handed over first.
Status JsonStream::element(size_t& batch, size_t& complete) {
  size_t begin = m_at;
  Scan state;
  for (;;) {
    const auto found = scan(state);
    if (found == Found::End) break;
    if (found == Found::Bad) return malformed(state);
    if (complete != 0) {
      if (auto s = deliver(batch, complete); !s) return s;
      complete = 0;
    }
    auto more = fill(begin);
    if (!more) return passOn(more);
    begin = batch = kMargin;
    if (!*more) return cutShort();
  }
  complete = m_at;
  return {};
}

Status JsonStream::value(std::string_view name) {
  if (m_buffer[m_at] == '[' && m_handler.wantsElements(name)) return elements(false);
  size_t begin = 0;
  auto whole = scanWhole(begin);
  if (!whole) return passOn(whole);
  return m_handler.member(name, *whole ? std::string_view(m_buffer.data() + begin, m_at - begin) : std::string_view());
}

Status JsonStream::run(bool openEnd) {
  auto there = fill(m_at);
  if (there && *there) there = skipSpace();
  if (!there) return passOn(there);
  if (!*there) return badInput(fmt::format("{} is empty", m_name));
  if (std::string_view(m_buffer.data() + m_at, m_end - m_at).starts_with("\xef\xbb\xbf")) {  // a byte order mark
    m_at += 3;
    there = skipSpace();
    if (!there) return passOn(there);
    if (!*there) return badInput(fmt::format("{} is empty", m_name));
  }
  if (m_buffer[m_at] == '[' && m_handler.wantsElements("")) {
    if (auto s = elements(openEnd); !s) return s;
  } else if (m_buffer[m_at] == '{') {
    ++m_at;
    for (bool first = true;; first = false) {
      there = skipSpace();
      if (!there) return passOn(there);
      if (!*there) return cutShort();
      if (m_buffer[m_at] == '}') break;
      if (!first) {
        if (m_buffer[m_at] != ',') return noJson("a comma is missing");
        ++m_at;
        there = skipSpace();
        if (!there) return passOn(there);
        if (!*there) return cutShort();
      }
      auto name = key();
      if (!name) return passOn(name);
      if (auto s = value(*name); !s) return s;
    }
    ++m_at;
  } else {
    return noJson("neither an object nor an array");
  }
  there = skipSpace();
  if (!there) return passOn(there);
  if (*there) return noJson("something follows the end");
  return {};
}

}  // namespace ridgeline::collector::import
