#include "core/task/this_thread.h"

namespace tg::detail {
constinit const event_flag never_set{};
}

namespace tg::task {
constinit thread_local this_thread self{};
}
