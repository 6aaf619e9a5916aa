"""The facilitator guide: printed from the very course that is taught, so that paper and screen say the same.

Book (a version in one language, put together) · Guide (what somebody holds on paper, with the code of its pages) ·
Print (a file of it, for one paper) · Verdict (whether paper that bears a code is still right) · teachers (who may
print it besides those who keep courses).
"""
