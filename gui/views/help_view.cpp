#include "gui/views/help_view.h"

#include <QHBoxLayout>
#include <QTextBrowser>

namespace ridgeline::gui {
namespace {

constexpr const char* kText = R"html(
<h2>How to read it</h2>
<p><b>Bound</b> is what keeps an operator from being faster. <i>compute</i>: the arithmetic units are busy. <i>memory</i>: its bytes do
not come faster, from the level named. <i>balanced</i>: at the ridge between both. <i>overhead</i>: starting it takes longer than
doing it. <i>transfer</i> and <i>idle</i> are for accelerators. <i>unknown</i>: its work or its roof is not known.</p>
<p><b>Roof time</b> is what an operator would take at this machine's measured ceilings, <b>headroom</b> the time above that: what could
be won. In every bar the solid part is the roof time and the pale part the headroom.</p>
<p>Every number says where it comes from: <i>measured</i> by a clock or counter, <i>modelled</i> from shapes, or <i>imported</i>.
What is not known is a dash. Latency is quoted from plain runs; observing every operator costs time, which is shown beside it.</p>
<h2>Pages</h2>
<table cellspacing="0" cellpadding="4">
<tr><td><b>Ctrl+1</b></td><td>Overview: where the time goes, what could be won, what to do</td></tr>
<tr><td><b>Ctrl+2</b></td><td>Roofline: every operator under the roofs; pale bubbles have modelled work</td></tr>
<tr><td><b>Ctrl+3</b></td><td>Timeline: threads, streams and ranges</td></tr>
<tr><td><b>Ctrl+4</b></td><td>Operators: sort by a click on a title, filter by words and by bound</td></tr>
<tr><td><b>Ctrl+5</b></td><td>Kernels of accelerators</td></tr>
<tr><td><b>Ctrl+6</b></td><td>Graph: the network; groups that the engine fused are outlined</td></tr>
<tr><td><b>Ctrl+7</b></td><td>Advice: what to do, every trial, the proof</td></tr>
<tr><td><b>Ctrl+8</b></td><td>Compare with another profile</td></tr>
</table>
<h2>Keys</h2>
<table cellspacing="0" cellpadding="4">
<tr><td><b>Ctrl+O, Ctrl+R, Ctrl+I</b></td><td>Open a profile, record, import a trace</td></tr>
<tr><td><b>Ctrl+Shift+O</b></td><td>Optimize the model</td></tr>
<tr><td><b>Ctrl+D</b></td><td>Compare with another profile</td></tr>
<tr><td><b>Ctrl+F</b></td><td>Search in the page</td></tr>
<tr><td><b>Ctrl+B</b></td><td>Show or hide the details of the selection</td></tr>
<tr><td><b>Ctrl+C</b></td><td>In a table: copy the selected rows, or all of them, as CSV</td></tr>
<tr><td><b>Arrows</b></td><td>Roofline, graph: the next operator. Timeline: the slice before, after, above, below</td></tr>
<tr><td><b>W, S</b> or <b>+, −</b></td><td>Timeline, graph, roofline: zoom in, out. The wheel zooms at the pointer</td></tr>
<tr><td><b>A, D</b></td><td>Timeline: earlier, later. Drag does it too; Shift and drag selects a stretch and sums it</td></tr>
<tr><td><b>F</b></td><td>Timeline: fit the selected slice. Graph: show the selected node</td></tr>
<tr><td><b>0</b> or <b>Home</b></td><td>Show everything</td></tr>
<tr><td><b>Return</b></td><td>Show the selected operator in its table</td></tr>
<tr><td><b>Esc</b></td><td>Select nothing</td></tr>
</table>
<p>Everything that the window shows is in the profile, and <code>ridgeline report --format json</code> prints the same numbers.</p>
)html";

}  // namespace

HelpView::HelpView(QWidget* parent) : View(nullptr, parent), m_text(new QTextBrowser) {
  m_text->setHtml(QString::fromUtf8(kText));
  m_text->setAccessibleName(QStringLiteral("Help"));
  m_text->document()->setDocumentMargin(24);
  m_text->setMaximumWidth(QFontMetrics(m_text->font()).averageCharWidth() * 130);  // lines that an eye can follow
  auto* layout = new QHBoxLayout(this);
  layout->setContentsMargins(16, 16, 16, 16);
  layout->addWidget(m_text, 1);
  layout->addStretch(0);
  setFocusProxy(m_text);
}

}  // namespace ridgeline::gui
