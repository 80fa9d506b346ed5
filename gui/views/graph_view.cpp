#include "gui/views/graph_view.h"

#include "gui/models/text.h"

#include <QCoreApplication>
#include <QHBoxLayout>
#include <QLabel>
#include <QLineEdit>
#include <QPushButton>
#include <QThreadPool>
#include <QVBoxLayout>

namespace ridgeline::gui {

GraphView::GraphView(Selection* selection, QWidget* parent)
    : View(selection, parent),
      m_canvas(new GraphCanvas),
      m_words(new QLineEdit),
      m_state(new QLabel),
      m_collapse(new QPushButton(QStringLiteral("Collapse repeated blocks"))),
      m_byTime(new QPushButton(QStringLiteral("Colour by time"))) {
  m_words->setPlaceholderText(QStringLiteral("Search by type or name; Return goes to the next"));
  m_words->setAccessibleName(QStringLiteral("Search the graph"));
  m_words->setClearButtonEnabled(true);
  m_words->setMaximumWidth(340);
  m_state->setObjectName(QStringLiteral("muted"));
  for (auto* button : {m_collapse, m_byTime}) {
    button->setObjectName(QStringLiteral("chip"));
    button->setCheckable(true);
  }
  m_collapse->setChecked(true);
  auto* line = new QHBoxLayout;
  line->addWidget(m_words, 1);
  line->addWidget(m_state);
  line->addStretch();
  line->addWidget(m_collapse);
  line->addWidget(m_byTime);
  auto* layout = new QVBoxLayout(this);
  layout->setContentsMargins(16, 16, 16, 16);
  layout->setSpacing(10);
  layout->addLayout(line);
  layout->addWidget(m_canvas, 1);
  setFocusProxy(m_canvas);
  connect(m_collapse, &QPushButton::toggled, this, &GraphView::setCollapsed);
  connect(m_byTime, &QPushButton::toggled, this,
          [this](bool on) { m_canvas->setColour(on ? GraphCanvas::Colour::Time : GraphCanvas::Colour::Bound); });
  connect(m_words, &QLineEdit::textChanged, this, [this] { search(false); });
  connect(m_words, &QLineEdit::returnPressed, this, [this] { search(true); });
  connect(m_canvas, &GraphCanvas::picked, this, [this](const Item& item) {
    m_picking = true;
    this->selection()->select(item);
    m_picking = false;
  });
  connect(m_canvas, &GraphCanvas::opened, this, [this](int box) {
    const auto& opened = m_network->boxes[static_cast<size_t>(box)];
    if (opened.block != 0) return toggleBlock(opened.block);
    Q_EMIT jump(QStringLiteral("operators"));
  });
}

GraphView::~GraphView() { *m_alive = false; }

void GraphView::documentChanged() {
  m_options = {};
  m_options.collapse = m_collapse->isChecked();
  m_words->clear();
  layOutAgain();
}

void GraphView::setCollapsed(bool collapsed) {
  m_options.collapse = collapsed;
  m_options.expanded.clear();
  if (m_collapse->isChecked() != collapsed) m_collapse->setChecked(collapsed);
  layOutAgain();
}

void GraphView::toggleBlock(size_t block) {
  if (!m_options.expanded.insert(block).second) m_options.expanded.erase(block);
  layOutAgain();
}

void GraphView::layOutAgain() {
  const int64_t ticket = ++m_latest;
  m_network.reset();
  m_canvas->setNetwork(nullptr);
  m_state->clear();
  if (!document()) return;
  m_canvas->setMessage(QStringLiteral("Laying out the graph"),
                       QStringLiteral("%1 nodes").arg(document()->nodes.size()));
  ++m_running;
  QThreadPool::globalInstance()->start([this, ticket, alive = m_alive, open = document(), options = m_options] {
    auto network = std::make_shared<const Network>(makeNetwork(*open, options));
    QMetaObject::invokeMethod(
        QCoreApplication::instance(),
        [this, ticket, alive, network] {
          if (!*alive) return;
          --m_running;
          if (ticket == m_latest) arrived(network);
        },
        Qt::QueuedConnection);
  });
}

void GraphView::arrived(std::shared_ptr<const Network> network) {
  m_network = std::move(network);
  m_canvas->setMessage(QStringLiteral("No graph"), QStringLiteral("This profile was not recorded from a model."));
  m_canvas->setNetwork(m_network);
  QString state = QStringLiteral("%1 nodes").arg(document()->nodes.size());
  if (m_network->blocks > 0) state += QStringLiteral(", %1 blocks: double-click opens one").arg(m_network->blocks);
  m_state->setText(m_network->trouble.isEmpty() ? state : QString());
  if (selection() != nullptr) m_canvas->setItem(selection()->item(), true);
}

void GraphView::showItem(const Item& item) { m_canvas->setItem(item, !m_picking); }

void GraphView::focusSearch() {
  m_words->setFocus();
  m_words->selectAll();
}

void GraphView::search(bool next) {
  const QString text = m_words->text().trimmed();
  if (!m_network) return;
  if (!next) {
    m_found.clear();
    m_next = 0;
    for (size_t i = 0; !text.isEmpty() && i < m_network->boxes.size(); ++i) {
      for (const size_t node : m_network->boxes[i].nodes) {
        const auto& row = document()->nodes[node];
        if (!qs(row.opType).contains(text, Qt::CaseInsensitive) && !qs(row.name).contains(text, Qt::CaseInsensitive))
          continue;
        m_found.push_back(i);
        break;
      }
    }
    m_canvas->setMatches({m_found.begin(), m_found.end()});
    m_state->setText(text.isEmpty() ? QStringLiteral("%1 nodes").arg(document()->nodes.size())
                                    : QStringLiteral("%1 found").arg(m_found.size()));
  } else if (!m_found.empty()) {
    m_canvas->centerOn(m_found[m_next++ % m_found.size()]);
  }
}

}  // namespace ridgeline::gui
