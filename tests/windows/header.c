/* Compiled as C and as C++ in the mode of Microsoft's compiler, for its errors and warnings alone. */
#include "tim.h"
#include "tim_vendor.h"

int use(void);

int use(void) { return tim_init(1, NULL) + TIMInit(1, NULL) + (int)TIM_ERR_PARAM; }
