// Everything.
#pragma once

#include <threadgroup/condition.h>
#include <threadgroup/error.h>
#include <threadgroup/event.h>
#include <threadgroup/event_cause.h>
#include <threadgroup/future.h>
#include <threadgroup/group.h>
#include <threadgroup/inspect.h>
#include <threadgroup/join_report.h>
#include <threadgroup/runtime.h>
#include <threadgroup/task.h>
#include <threadgroup/this_task.h>
#include <threadgroup/trace.h>
