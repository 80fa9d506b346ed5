// What is selected: one thing, the same in every view.
#pragma once

#include <QObject>
#include <cstdint>

namespace ridgeline::gui {

enum class ItemKind { Nothing, Operator, Kernel, Slice, Node, Advice, Trial, Finding };

// A row of the profile: `id` is its primary key; of a kernel, its place in the report, from 1.
struct Item {
  ItemKind kind = ItemKind::Nothing;
  int64_t id = 0;
  explicit operator bool() const { return kind != ItemKind::Nothing; }
  auto operator<=>(const Item&) const = default;
};

class Selection : public QObject {
  Q_OBJECT

 public:
  using QObject::QObject;
  const Item& item() const { return m_item; }
  void select(const Item& item) {
    if (item == m_item) return;
    m_item = item;
    Q_EMIT changed(m_item);
  }

 Q_SIGNALS:
  void changed(const ridgeline::gui::Item& item);

 private:
  Item m_item;
};

}  // namespace ridgeline::gui
