#include "collector/import/string_table.h"

#include <algorithm>
#include <cstring>
#include <functional>

namespace ridgeline::collector::import {

StringTable::StringTable() : m_slots(1024, 0) {}

uint32_t StringTable::intern(std::string_view text) {
  const uint64_t hash = std::hash<std::string_view>{}(text);
  const size_t mask = m_slots.size() - 1;
  size_t slot = hash & mask;
  while (m_slots[slot] != 0) {
    const uint32_t number = m_slots[slot] - 1;
    if (m_hashes[number] == hash && m_texts[number] == text) return number;
    slot = (slot + 1) & mask;
  }
  const auto number = static_cast<uint32_t>(m_texts.size());
  m_texts.push_back(store(text));
  m_hashes.push_back(hash);
  m_slots[slot] = number + 1;
  if (m_texts.size() * 2 > m_slots.size()) grow();
  return number;
}

std::string_view StringTable::store(std::string_view text) {
  if (text.empty()) return "";  // never null, which a database takes for no text
  constexpr size_t kBlock = 64 << 10;
  if (text.size() > m_left) {
    const size_t size = std::max(kBlock, text.size());
    m_blocks.push_back(std::make_unique<char[]>(size));
    m_next = m_blocks.back().get();
    m_left = size;
  }
  if (!text.empty()) std::memcpy(m_next, text.data(), text.size());
  const std::string_view kept(m_next, text.size());
  m_next += text.size();
  m_left -= text.size();
  return kept;
}

void StringTable::grow() {
  m_slots.assign(m_slots.size() * 2, 0);
  const size_t mask = m_slots.size() - 1;
  for (size_t i = 0; i < m_hashes.size(); ++i) {
    size_t slot = m_hashes[i] & mask;
    while (m_slots[slot] != 0) slot = (slot + 1) & mask;
    m_slots[slot] = static_cast<uint32_t>(i + 1);
  }
}

}  // namespace ridgeline::collector::import
