// Libraries with more than a plain pool on "add many tasks, wait for all", each in the way that its
// documentation offers for it.
#pragma once

#include "bench/support/task_work.h"

namespace bench {

outcome tbb_enqueue(const task_work& work);
outcome tbb_task_group(const task_work& work);
outcome tbb_function_node(const task_work& work, unsigned limit);
outcome asio_strand(const task_work& work);
outcome std_async(const task_work& work);
outcome std_thread(const task_work& work);

}  // namespace bench
