using IntegrationHub.Connectors.Abstractions;

namespace IntegrationHub.Hub.Versions.Effects;

/// <summary>How two values of a field differ, so that masked ones can be told apart. Pure.</summary>
internal static class ValueDifference
{
    public const string Cleared = "cleared";
    public const string Filled = "filled";
    public const string Type = "type";
    public const string Case = "case";
    public const string Spaces = "spaces";
    public const string Punctuation = "punctuation";
    public const string Begin = "begin_added";
    public const string End = "end_added";
    public const string Cut = "cut";
    public const string Other = "other";

    /// <summary>The first word that holds.</summary>
    public static string Of(in FieldValue before, in FieldValue after)
    {
        if (before.Kind == FieldKind.Null || after.Kind == FieldKind.Null)
        {
            return before.Kind == FieldKind.Null ? Filled : Cleared;
        }

        if (before.Kind != after.Kind)
        {
            return Type;
        }

        var (old, now) = (before.ToString(), after.ToString());
        return string.Equals(old, now, StringComparison.OrdinalIgnoreCase) ? Case
            : Only(old, static sign => !char.IsWhiteSpace(sign)) == Only(now, static sign => !char.IsWhiteSpace(sign)) ? Spaces
            : now.EndsWith(old, StringComparison.Ordinal) ? Begin
            : now.StartsWith(old, StringComparison.Ordinal) ? End
            : Only(old, char.IsLetterOrDigit) == Only(now, char.IsLetterOrDigit) ? Punctuation
            : old.Contains(now, StringComparison.Ordinal) ? Cut
            : Other;
    }

    private static string Only(string text, Func<char, bool> keep) => string.Concat(text.Where(keep));
}
