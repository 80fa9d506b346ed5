#include "collector/launch/spool_survey.h"

namespace ridgeline::collector {
namespace {

class Surveyor final : public plugins::SpoolVisitor {
 public:
  bool wants(uint16_t type) const override {
    switch (type) {
      case RIDGELINE_RECORD_CLOCK:
        return true;
      case RIDGELINE_RECORD_SPAN:
        return !survey.hasCalls;
      case RIDGELINE_RECORD_COUNT:
        return !survey.hasKernelCounts;
      default:
        return false;
    }
  }
  Status clock(const RidgelineClock& c) override {
    survey.moments[c.clock].push_back({c.device_ns, c.host_ns, c.uncertainty_ns});
    return {};
  }
  Status span(const RidgelineSpan& s) override {
    survey.hasCalls = survey.hasCalls || (s.kind == RIDGELINE_CALL && s.correlation != 0);
    return {};
  }
  Status count(const RidgelineCount& c) override {
    survey.hasKernelCounts = survey.hasKernelCounts || c.correlation != 0;
    return {};
  }
  SpoolSurvey survey;
};

}  // namespace

Result<SpoolSurvey> surveySpool(const std::filesystem::path& file) {
  Surveyor surveyor;
  if (auto read = plugins::readSpool(file, surveyor); !read) return passOn(read);
  return std::move(surveyor.survey);
}

}  // namespace ridgeline::collector
