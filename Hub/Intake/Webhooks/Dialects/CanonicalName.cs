using System.Text;

namespace IntegrationHub.Hub.Intake.Webhooks.Dialects;

/// <summary>Names as the hub spells them: <c>Product Viewed</c>, <c>firstName</c> and <c>first-name</c> are product_viewed, first_name and first_name. Pure.</summary>
internal static class CanonicalName
{
    /// <summary>The name in the table, else in snake_case; empty when nothing of it is a letter or a digit.</summary>
    public static string Of(string name, IReadOnlyDictionary<string, string> renamed)
    {
        if (renamed.TryGetValue(name, out var ours))
        {
            return ours;
        }

        var text = new StringBuilder(name.Length + 8);
        for (var i = 0; i < name.Length; i++)
        {
            if (!char.IsLetterOrDigit(name[i]))
            {
                Divide();
                continue;
            }

            if (char.IsUpper(name[i]) && i > 0 && (char.IsLower(name[i - 1]) || char.IsDigit(name[i - 1]) || (i + 1 < name.Length && char.IsUpper(name[i - 1]) && char.IsLower(name[i + 1]))))
            {
                Divide();
            }

            text.Append(char.ToLowerInvariant(name[i]));
        }

        return text.ToString().TrimEnd('_');

        void Divide()
        {
            if (text.Length > 0 && text[^1] != '_')
            {
                text.Append('_');
            }
        }
    }
}
