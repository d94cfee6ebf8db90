"""Everything that follows from a standard: the page, the template, the SQL example and the Frictionless
package."""

from zorgspiegel.store.standard_files.package import descriptor, write_package
from zorgspiegel.store.standard_files.page import page
from zorgspiegel.store.standard_files.script import Script, script
from zorgspiegel.store.standard_files.template import write_template

__all__ = ["Script", "descriptor", "page", "script", "write_package", "write_template"]
