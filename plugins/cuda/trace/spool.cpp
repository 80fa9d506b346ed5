// The spool's writer, for this library.
#define RIDGELINE_SPOOL_IMPLEMENTATION
#include "plugins/sdk/ridgeline_spool.h"
