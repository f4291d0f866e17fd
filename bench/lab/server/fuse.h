#pragma once
// The one place that includes libfuse, with the version of its interface.

#define FUSE_USE_VERSION 34
#include <fuse3/fuse_lowlevel.h>
