// Lines of comma-separated values, quoted as RFC 4180 says, out of a stream.
#pragma once

#include "base/result.h"
#include "collector/import/bytes.h"

#include <string>
#include <vector>

namespace ridgeline::collector::import {

class CsvReader {
 public:
  CsvReader(ByteSource& source, std::string name) : m_source(source), m_name(std::move(name)) {}
  // False at the end. Lines larger than a megabyte, and quotes without an end, are BadInput.
  Result<bool> next(std::vector<std::string>& cells);

 private:
  Result<int> get();  // a byte, or -1

  ByteSource& m_source;
  std::string m_name;
  std::string m_buffer;
  size_t m_at = 0, m_end = 0;
};

}  // namespace ridgeline::collector::import
