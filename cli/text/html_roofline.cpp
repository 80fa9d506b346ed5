#include "base/units.h"
#include "cli/text/html_parts.h"
#include "cli/text/roofs_text.h"

#include <algorithm>
#include <cmath>

namespace ridgeline::cli::html {
namespace {

constexpr double kWidth = 1100, kHeight = 460, kLeft = 70, kRight = 36, kTop = 18, kBottom = 44;
constexpr size_t kMostPoints = 600;

// One logarithmic axis: decades at both ends.
struct Axis {
  double from = 0, to = 1;  // log10
  double pixelFrom = 0, pixelTo = 1;
  double at(double value) const { return pixelFrom + (std::log10(value) - from) / (to - from) * (pixelTo - pixelFrom); }
};

Axis axisOver(const std::vector<double>& values, double pixelFrom, double pixelTo) {
  const auto [lo, hi] = std::minmax_element(values.begin(), values.end());
  Axis axis{std::floor(std::log10(*lo) - 0.05), std::ceil(std::log10(*hi) + 0.05), pixelFrom, pixelTo};
  if (axis.to - axis.from < 1) axis.to = axis.from + 1;
  return axis;
}

struct Drawing {
  const analyzers::Report& report;
  std::vector<const analyzers::ReportOperator*> points;
  std::vector<const profile::Roof*> compute, bandwidth;
  Axis x, y;

  explicit Drawing(const analyzers::Report& r) : report(r) {
    for (const auto& o : r.operators) {
      const bool drawable =
          o.depth == 0 && o.intensity && *o.intensity > 0 && o.achievedGflops && *o.achievedGflops > 0;
      if (drawable && std::isfinite(*o.intensity) && std::isfinite(*o.achievedGflops)) points.push_back(&o);
    }
    std::sort(points.begin(), points.end(), [](const auto* a, const auto* b) { return a->timeMs > b->timeMs; });
    if (points.size() > kMostPoints) points.resize(kMostPoints);
    for (const auto& roof : r.roofs) {
      if (!(roof.value > 0)) continue;
      if (roof.kind == profile::RoofKind::Compute) compute.push_back(&roof);
      if (roof.kind == profile::RoofKind::Bandwidth && roof.pattern != "triad") bandwidth.push_back(&roof);
    }
  }

  void placeAxes() {
    std::vector<double> xs, ys;
    for (const auto* o : points) {
      xs.push_back(*o->intensity);
      ys.push_back(*o->achievedGflops);
    }
    for (const auto* c : compute) {
      ys.push_back(c->value * 1e-9);
      for (const auto* b : bandwidth) xs.push_back(c->value / b->value);
    }
    x = axisOver(xs, kLeft, kWidth - kRight);
    y = axisOver(ys, kHeight - kBottom, kTop);
  }

  std::string grid() const {
    std::string out;
    const auto line = [&](double x1, double y1, double x2, double y2) {
      out +=
          fmt::format("<line class=\"grid\" x1=\"{:.1f}\" y1=\"{:.1f}\" x2=\"{:.1f}\" y2=\"{:.1f}\"/>", x1, y1, x2, y2);
    };
    for (double d = x.from; d <= x.to + 0.01; ++d) {
      const double at = x.at(std::pow(10, d));
      line(at, kTop, at, kHeight - kBottom);
      out += fmt::format("<text x=\"{:.1f}\" y=\"{:.1f}\" text-anchor=\"middle\">{:g}</text>", at,
                         kHeight - kBottom + 16, std::pow(10, d));
    }
    for (double d = y.from; d <= y.to + 0.01; ++d) {
      const double at = y.at(std::pow(10, d));
      line(kLeft, at, kWidth - kRight, at);
      out += fmt::format("<text x=\"{:.1f}\" y=\"{:.1f}\" text-anchor=\"end\">{:g}</text>", kLeft - 6, at + 4,
                         std::pow(10, d));
    }
    out += fmt::format("<text x=\"{:.1f}\" y=\"{:.1f}\" text-anchor=\"middle\">operations per byte</text>",
                       (kLeft + kWidth - kRight) / 2, kHeight - 8);
    out += fmt::format(
        "<text x=\"14\" y=\"{0:.1f}\" transform=\"rotate(-90 14 {0:.1f})\" "
        "text-anchor=\"middle\">1e9 operations / s</text>\n",
        (kTop + kHeight - kBottom) / 2);
    return out;
  }

  std::string roofLines() const {
    std::string out;
    double best = 0;
    for (const auto* c : compute) best = std::max(best, c->value);
    for (const auto* b : bandwidth) {
      // From the left edge up to the highest compute roof, clipped at the bottom.
      const double from = std::max(std::pow(10, x.from), std::pow(10, y.from) * 1e9 / b->value);
      const double to = std::min(best / b->value, std::pow(10, x.to));
      if (to <= from) continue;
      const double y1 = y.at(from * b->value * 1e-9), y2 = y.at(to * b->value * 1e-9);
      out += fmt::format("<line class=\"band\" x1=\"{:.1f}\" y1=\"{:.1f}\" x2=\"{:.1f}\" y2=\"{:.1f}\"/>", x.at(from),
                         y1, x.at(to), y2);
      const double slope = std::atan2(y2 - y1, x.at(to) - x.at(from)) * 180 / 3.14159265;
      const double lx = x.at(from) + 6, ly = y1 - 5 + std::tan(slope / 57.29578) * 6;
      out += fmt::format("<text x=\"{0:.1f}\" y=\"{1:.1f}\" transform=\"rotate({2:.2f} {0:.1f} {1:.1f})\">{3}</text>",
                         lx, ly, slope, xmlEscaped(fmt::format("{} {}", roofName(*b), roofValue(*b))));
    }
    for (const auto* c : compute) {
      double from = std::pow(10, x.from);
      double widest = 0;
      for (const auto* b : bandwidth) widest = std::max(widest, b->value);
      if (widest > 0) from = std::max(from, c->value / widest);
      const double at = y.at(c->value * 1e-9);
      out += fmt::format("<line class=\"roof\" x1=\"{:.1f}\" y1=\"{:.1f}\" x2=\"{:.1f}\" y2=\"{:.1f}\"/>", x.at(from),
                         at, kWidth - kRight, at);
      out += fmt::format("<text x=\"{:.1f}\" y=\"{:.1f}\" text-anchor=\"end\">{}</text>", kWidth - kRight - 4, at - 5,
                         xmlEscaped(fmt::format("{} {}", roofName(*c), roofValue(*c))));
    }
    return out + "\n";
  }

  std::string circles() const {
    std::string out;
    for (const auto* o : points) {
      const double radius = 3 + 15 * std::sqrt(std::clamp(o->share.value_or(0), 0.0, 1.0));
      const auto title =
          fmt::format("{} ({})\n{}, {}\n{} operations per byte, {}\n{}", o->name, o->opType, formatMs(o->timeMs),
                      formatPercent(o->share.value_or(0)), formatSignificant(*o->intensity),
                      formatRate(*o->achievedGflops * 1e9, "OP"), o->boundText());
      out += fmt::format("<circle class=\"{}\" cx=\"{:.1f}\" cy=\"{:.1f}\" r=\"{:.1f}\"><title>", classOf(o->bound),
                         x.at(*o->intensity), y.at(*o->achievedGflops), radius);
      for (const char c : title) out += c == '\n' ? std::string("&#10;") : xmlEscaped(std::string_view(&c, 1));
      out += "</title></circle>\n";
    }
    return out;
  }
};

}  // namespace

std::string rooflineSvg(const analyzers::Report& report) {
  Drawing drawing(report);
  if (drawing.points.empty()) return {};
  drawing.placeAxes();
  return fmt::format("<svg viewBox=\"0 0 {:g} {:g}\" role=\"img\" aria-label=\"Operators under the roofs\">\n", kWidth,
                     kHeight) +
         drawing.grid() + drawing.roofLines() + drawing.circles() + "</svg>\n";
}

}  // namespace ridgeline::cli::html
