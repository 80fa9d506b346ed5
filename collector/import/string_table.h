// Texts, each kept once and called by a number. Numbers count from 0 in the order of first sight.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string_view>
#include <vector>

namespace ridgeline::collector::import {

class StringTable {
 public:
  StringTable();
  uint32_t intern(std::string_view text);
  // Valid as long as the table.
  std::string_view text(uint32_t number) const { return m_texts[number]; }
  size_t size() const { return m_texts.size(); }

 private:
  std::string_view store(std::string_view text);
  void grow();

  std::vector<std::string_view> m_texts;
  std::vector<uint64_t> m_hashes;
  std::vector<uint32_t> m_slots;  // number + 1, or 0; a power of two, at most half full
  std::vector<std::unique_ptr<char[]>> m_blocks;
  size_t m_left = 0;  // in the last block
  char* m_next = nullptr;
};

}  // namespace ridgeline::collector::import
