DROP TABLE lockdowns;
