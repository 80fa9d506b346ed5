// What every page of the window is.
#pragma once

#include "gui/models/document.h"
#include "gui/models/selection.h"

#include <QString>
#include <QWidget>

namespace ridgeline::gui {

class View : public QWidget {
  Q_OBJECT

 public:
  // `selection` outlives the view; null for pages that select nothing.
  explicit View(Selection* selection, QWidget* parent = nullptr) : QWidget(parent), m_selection(selection) {
    if (selection != nullptr) {
      connect(selection, &Selection::changed, this, [this](const Item& item) { showItem(item); });
    }
  }
  const DocumentPtr& document() const { return m_document; }
  // Null: nothing is open.
  void setDocument(DocumentPtr document) {
    m_document = std::move(document);
    documentChanged();
  }
  // False while something is still being read or laid out for it in the background: screenshots wait for that.
  virtual bool settled() const { return true; }
  // Where the keyboard goes when the page is opened, and where Ctrl+F goes.
  virtual void focusSearch() { setFocus(); }

 Q_SIGNALS:
  // The user asks to see the selected item in another page ("timeline", "graph", "operators", ...).
  void jump(const QString& page);
  // "Optimize...", "Record...": by the name of the window's action.
  void action(const QString& name);

 protected:
  virtual void documentChanged() = 0;
  virtual void showItem(const Item&) {}
  Selection* selection() const { return m_selection; }

 private:
  DocumentPtr m_document;
  Selection* m_selection;
};

}  // namespace ridgeline::gui
