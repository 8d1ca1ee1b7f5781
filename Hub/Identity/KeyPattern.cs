using System.IO.Enumeration;

namespace IntegrationHub.Identity;

/// <summary>Keys of a kind whose value looks like a text in which <c>*</c> stands for anything: <c>email:noreply@*</c>.</summary>
/// <param name="Kind">The kind.</param>
/// <param name="Value">The text, in the normal form of the kind.</param>
public sealed record KeyPattern(KeyKind Kind, string Value)
{
    /// <summary>Reads <c>kind:text</c>; null when it is none, or everything of a kind.</summary>
    public static KeyPattern? Parse(string text) => PersonKey.Parse(text) is { } key && key.Value.Trim('*').Length > 0 ? new KeyPattern(key.Kind, key.Value) : null;

    /// <summary>True when the key looks like it.</summary>
    public bool Matches(PersonKey key) => key.Kind == Kind && FileSystemName.MatchesSimpleExpression(Value.Replace(@"\", @"\\", StringComparison.Ordinal), key.Value, ignoreCase: false);

    /// <inheritdoc />
    public override string ToString() => $"{PersonKey.WordOf(Kind)}:{Value}";
}
