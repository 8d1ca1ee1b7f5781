using System.Globalization;

namespace IntegrationHub.Connectors.Sandbox.Marketo;

/// <summary>Paging tokens: nothing that a client could read, and refused for another query.</summary>
internal static class MarketoPages
{
    private const ulong Mask = 0x5f3759df_9e3779b9;

    public static string Token(int query, int last) => $"{(((ulong)(uint)query << 32) | (uint)last) ^ Mask:X16}====";

    /// <returns>False for a token that is not of this query; then <paramref name="last"/> is -1.</returns>
    public static bool TryRead(string? token, int query, out int last)
    {
        last = 0;
        if (string.IsNullOrEmpty(token))
        {
            return true;
        }

        last = -1;
        if (!ulong.TryParse(token.TrimEnd('='), NumberStyles.HexNumber, CultureInfo.InvariantCulture, out var value) || (int)((value ^ Mask) >> 32) != query)
        {
            return false;
        }

        last = (int)(uint)(value ^ Mask);
        return true;
    }
}
