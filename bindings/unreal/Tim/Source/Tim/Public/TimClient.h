#pragma once

#include "CoreMinimal.h"

// The C++ client underneath, for what the subsystem has no function for. This module's macro for its own exports
// has the name of the one in tim.h.
THIRD_PARTY_INCLUDES_START
#pragma push_macro("TIM_API")
#undef TIM_API
#include "tim.hpp"
#pragma pop_macro("TIM_API")
THIRD_PARTY_INCLUDES_END
