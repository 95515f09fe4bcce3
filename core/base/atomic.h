// The atomic wrapper under its core name; it lives with the public headers because a check is inline there.
#pragma once

#include <threadgroup/detail/atomic.h>
