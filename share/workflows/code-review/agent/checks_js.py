# SPDX-License-Identifier: Apache-2.0
from rule import Checks

JS = Checks()
