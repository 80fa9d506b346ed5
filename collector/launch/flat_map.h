// A map from numbers other than 0, in one piece of memory: for tables that every record of a recording goes through.
#pragma once

#include <cstddef>
#include <cstdint>
#include <utility>
#include <vector>

namespace ridgeline::collector {

template <class Value>
class FlatMap {
 public:
  Value* find(uint64_t key) {
    if (m_slots.empty()) return nullptr;
    for (size_t at = home(key);; at = next(at)) {
      if (m_slots[at].key == key) return &m_slots[at].value;
      if (m_slots[at].key == 0) return nullptr;
    }
  }
  // The value of the key, new ones as Value() makes them, and whether it is new. Moves others.
  std::pair<Value*, bool> insert(uint64_t key) {
    if (auto* known = find(key)) return {known, false};
    if ((m_size + 1) * 2 > m_slots.size()) grow();
    ++m_size;
    return {place({key, {}}), true};
  }
  void erase(uint64_t key) {
    if (m_slots.empty()) return;
    size_t hole = home(key);
    while (m_slots[hole].key != key) {
      if (m_slots[hole].key == 0) return;
      hole = next(hole);
    }
    // What was pushed past the hole moves back into it, so that searches need not stop short.
    for (size_t at = next(hole); m_slots[at].key != 0; at = next(at)) {
      const size_t wanted = home(m_slots[at].key);
      if (((at - wanted) & mask()) < ((at - hole) & mask())) continue;
      m_slots[hole] = std::move(m_slots[at]);
      hole = at;
    }
    m_slots[hole] = {};
    --m_size;
  }
  size_t size() const { return m_size; }

 private:
  struct Slot {
    uint64_t key = 0;
    Value value{};
  };
  size_t mask() const { return m_slots.size() - 1; }
  size_t next(size_t at) const { return (at + 1) & mask(); }
  size_t home(uint64_t key) const { return (key * 0x9e3779b97f4a7c15U >> 20) & mask(); }
  Value* place(Slot slot) {
    size_t at = home(slot.key);
    while (m_slots[at].key != 0) at = next(at);
    m_slots[at] = std::move(slot);
    return &m_slots[at].value;
  }
  void grow() {
    auto old = std::exchange(m_slots, std::vector<Slot>(m_slots.empty() ? 1024 : m_slots.size() * 2));
    for (auto& slot : old) {
      if (slot.key != 0) place(std::move(slot));
    }
  }

  std::vector<Slot> m_slots;
  size_t m_size = 0;
};

}  // namespace ridgeline::collector
