#pragma once
// The only file that includes libfuse; sets its API version.

#define FUSE_USE_VERSION 34
#include <fuse3/fuse_lowlevel.h>
