#include "cli/progress_display.h"

#include "base/clock.h"

#include <nlohmann/json.hpp>

#include <algorithm>
#include <string>

namespace ridgeline::cli {
namespace {

class BarDisplay : public Progress {
 public:
  ~BarDisplay() override { erase(); }
  void phase(std::string_view name) override {
    m_phase = name;
    m_done = -1;
    draw();
  }
  void fraction(double done) override {
    m_done = done;
    if (m_sinceDrawn.ms() > 50) draw();
  }
  void note(std::string_view text) override {
    erase();
    std::fprintf(stderr, "  %.*s\n", static_cast<int>(text.size()), text.data());
    draw();
  }

 private:
  static void erase() { std::fputs("\r\033[K", stderr); }
  void draw() {
    constexpr int kCells = 28;
    std::string bar;
    if (m_done >= 0) {
      const int full = static_cast<int>(std::clamp(m_done, 0.0, 1.0) * kCells);
      for (int i = 0; i < kCells; ++i) bar += i < full ? "━" : "─";
      bar += fmt::format(" {:3.0f} %", std::clamp(m_done, 0.0, 1.0) * 100);
    }
    erase();
    std::fprintf(stderr, "%-20s %s %.0f s", m_phase.c_str(), bar.c_str(), m_total.seconds());
    std::fflush(stderr);
    m_sinceDrawn.restart();
  }

  std::string m_phase;
  double m_done = -1;
  Stopwatch m_total, m_sinceDrawn;
};

class JsonDisplay : public Progress {
 public:
  void phase(std::string_view name) override {
    m_phase = name;
    write({{"phase", m_phase}});
  }
  void fraction(double done) override {
    if (done < 1 && m_sinceWritten.ms() < 200) return;
    m_sinceWritten.restart();
    write({{"phase", m_phase}, {"fraction", done}});
  }
  void note(std::string_view text) override { write({{"phase", m_phase}, {"note", std::string(text)}}); }

 private:
  void write(nlohmann::ordered_json line) {
    line["seconds"] = m_total.seconds();
    std::fprintf(stderr, "%s\n", line.dump(-1, ' ', false, nlohmann::json::error_handler_t::replace).c_str());
  }
  std::string m_phase;
  Stopwatch m_total, m_sinceWritten;
};

}  // namespace

std::unique_ptr<Progress> makeProgressDisplay(ProgressStyle style) {
  switch (style) {
    case ProgressStyle::Bar:
      return std::make_unique<BarDisplay>();
    case ProgressStyle::Json:
      return std::make_unique<JsonDisplay>();
    case ProgressStyle::Auto:
    case ProgressStyle::None:
      break;
  }
  return std::make_unique<Progress>();
}

}  // namespace ridgeline::cli
