module.exports = (value, message) => require("node:assert")(value, message);
