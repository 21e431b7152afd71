exports.prettyPrint = text => text
