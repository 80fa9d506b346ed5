#include "base/progress.h"

namespace ridgeline {

Job quietJob() {
  static Progress silent;
  static const StopFlag never;
  return {silent, never};
}

}  // namespace ridgeline
