// What the timeline asks a profile beyond its spans. Used by TimelineSource's thread.
#pragma once

#include "gui/models/timeline_source.h"
#include "profile/profile.h"

#include <optional>

namespace ridgeline::gui {

// As they are drawn, top to bottom.
std::vector<TimelineTrack> readTracks(const profile::Profile& profile, const std::vector<profile::LevelTrack>& levels);
std::unordered_map<int64_t, QString> readNames(const profile::Profile& profile);  // of labels
// Of kernels and copies to what launched them, of launches to what they launched, and arrows of other kinds.
std::vector<TimelineFlow> readFlows(const profile::Profile& profile, const std::vector<int64_t>& slices,
                                    const StopFlag& stop);
Facts sliceFacts(const profile::Profile& profile, const Document& document, const Span& span, const QString& name,
                 const QString& track);
// What ran in a stretch of time, by name, each slice as far as it lies within.
Facts stretchFacts(const profile::Profile& profile, int64_t fromNs, int64_t toNs, const std::vector<int64_t>& tracks,
                   const std::unordered_map<int64_t, QString>& names, const StopFlag& stop);
std::optional<Found> findNext(const profile::Profile& profile, const std::vector<int64_t>& names, int64_t afterNs,
                              const StopFlag& stop);

}  // namespace ridgeline::gui
