"""Print what androguard reads from an APK, as JSON. Runs in a separate environment, for its forty packages."""

import json
import sys

from androguard.core.apk import APK
from androguard.core.dex import DEX
from loguru import logger

logger.remove()
package = APK(sys.argv[1])
methods = (method for data in package.get_all_dex() for method in DEX(data).get_encoded_methods())
json.dump(
    {
        "valid": package.is_valid_APK(),
        "package": package.get_package(),
        "permissions": package.get_permissions(),
        "signed": [package.is_signed_v1(), package.is_signed_v2(), package.is_signed_v3()],
        "instructions": sum(1 for method in methods for _ in method.get_instructions()),
    },
    sys.stdout,
)
