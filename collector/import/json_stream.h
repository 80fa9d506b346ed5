// A JSON document of any size, taken apart at its top: members of the top-level object one by one, and the elements of
// its long array in batches. Memory stays at about a megabyte, or the size of the largest element.
#pragma once

#include "base/progress.h"
#include "base/result.h"
#include "collector/import/bytes.h"

#include <functional>
#include <string>
#include <string_view>
#include <vector>

namespace ridgeline::collector::import {

struct JsonStreamHandler {
  virtual ~JsonStreamHandler() = default;
  // Whether the elements of this member's array are wanted in batches; `key` is empty for a top-level array.
  virtual bool wantsElements(std::string_view key) = 0;
  // Some elements as one JSON array, "[...]", with the 64 readable bytes behind it that simdjson asks for. `offset` is
  // that of the first element in the (unpacked) file. The text is only valid during the call.
  virtual Status elements(std::string_view array, uint64_t offset) = 0;
  // Any other member of the top-level object: the text of its value, likewise padded; empty when it is larger than
  // 4 MB.
  virtual Status member(std::string_view key, std::string_view value) = 0;
};

// BadInput for what is no JSON, ends early, nests deeper than 256, or has an element larger than 64 MB.
// A top-level array without its closing bracket is accepted when `openEnd` says so, as the Chrome format does.
class JsonStream {
 public:
  JsonStream(ByteSource& source, std::string name, JsonStreamHandler& handler, Job job)
      : m_source(source), m_name(std::move(name)), m_handler(handler), m_job(job) {}
  Status run(bool openEnd);

 private:
  struct Scan {
    int depth = 0;
    bool inString = false;
    bool escaped = false;
    bool started = false;
  };
  enum class Found { End, More, Bad };

  Result<bool> fill(size_t keepFrom);  // false at the end of the file; offsets shift so that `keepFrom` becomes kMargin
  Result<bool> skipSpace();            // false at the end of the file
  Result<std::string> key();
  Status value(std::string_view key);
  Status elements(bool openEnd);
  Status deliver(size_t begin, size_t end);
  Found scan(Scan& state);  // moves m_at to just after the value
  Result<bool> scanWhole(size_t& begin);
  Status element(size_t& batch, size_t& complete);
  tl::unexpected<Error> malformed(const Scan& state) const;
  tl::unexpected<Error> noJson(std::string_view what) const;
  tl::unexpected<Error> cutShort() const;
  uint64_t offsetOf(size_t at) const { return m_base + at; }

  ByteSource& m_source;
  std::string m_name;
  JsonStreamHandler& m_handler;
  Job m_job;
  std::vector<char> m_buffer;
  size_t m_at = 0, m_end = 0;
  uint64_t m_base = 0;  // file offset of m_buffer[0], modulo 2^64
};

}  // namespace ridgeline::collector::import
