namespace IntegrationHub.Hub.Configuration;

/// <summary>Guesses what a misspelled word was meant to be.</summary>
internal static class Spelling
{
    private const int MaxWordLength = 64;

    /// <summary>A sentence such as <c>Did you mean base_url? </c>, or empty when nothing known is near.</summary>
    public static string Hint(string word, IEnumerable<string> known) => Nearest(word, known) is { } nearest ? $"Did you mean {nearest}? " : "";

    /// <summary>The nearest known word when it is near enough, else null.</summary>
    public static string? Nearest(string word, IEnumerable<string> known)
    {
        if (word.Length > MaxWordLength)
        {
            return null;
        }

        return known
            .Select(candidate => (Word: candidate, Distance: Distance(Normal(word), Normal(candidate))))
            .Where(candidate => candidate.Distance <= Math.Max(1, Math.Min(word.Length, candidate.Word.Length) / 3))
            .OrderBy(static candidate => candidate.Distance)
            .Select(static candidate => candidate.Word)
            .FirstOrDefault();
    }

    private static string Normal(string word) => word.Replace("_", "", StringComparison.Ordinal).Replace("-", "", StringComparison.Ordinal).ToLowerInvariant();

    // Missing, additional, wrong and swapped letters, one each.
    private static int Distance(string left, string right)
    {
        var table = new int[left.Length + 1, right.Length + 1];
        for (var i = 0; i <= left.Length; i++)
        {
            for (var j = 0; j <= right.Length; j++)
            {
                if (i == 0 || j == 0)
                {
                    table[i, j] = i + j;
                    continue;
                }

                var same = left[i - 1] == right[j - 1];
                var distance = Math.Min(table[i - 1, j - 1] + (same ? 0 : 1), Math.Min(table[i - 1, j], table[i, j - 1]) + 1);
                var swapped = i > 1 && j > 1 && left[i - 1] == right[j - 2] && left[i - 2] == right[j - 1];
                table[i, j] = swapped ? Math.Min(distance, table[i - 2, j - 2] + 1) : distance;
            }
        }

        return table[left.Length, right.Length];
    }
}
