import js from "@eslint/js";
import globals from "globals";

export default [
    {ignores: ["node_modules/"]},
    js.configs.recommended,
    {
        languageOptions: {ecmaVersion: 2022, sourceType: "module", globals: globals.browser},
        linterOptions: {reportUnusedDisableDirectives: true},
        rules: {
            eqeqeq: "error",
            "max-lines": ["error", 300],
            "max-len": ["error", {code: 120}],
            "no-eval": "error",
            "no-implied-eval": "error",
            "no-var": "error",
            "prefer-const": "error",
            // Channel names are hostile: texts go in as texts.
            "no-restricted-properties": ["error",
                {property: "innerHTML"}, {property: "outerHTML"}, {property: "insertAdjacentHTML"},
                {object: "document", property: "write"}],
        },
    },
    {
        files: ["tests/**", "eslint.config.js"],
        languageOptions: {globals: globals.node},
    },
];
