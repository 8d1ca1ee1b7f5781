using System.Globalization;
using System.Net.Http.Headers;
using System.Text.RegularExpressions;

namespace IntegrationHub.Connectors.Abstractions.Notices;

/// <summary>
/// Reads the headers by which vendors tell that an interface ends: <c>Deprecation</c> (https://www.rfc-editor.org/rfc/rfc9745, and the drafts before it, which said <c>true</c> or gave a date in words),
/// <c>Sunset</c> (https://www.rfc-editor.org/rfc/rfc8594), and the links that explain them. A link alone says nothing: by both documents it may stand on an interface that nobody ends.
/// </summary>
public static partial class NoticeHeaders
{
    private const int LongestHeader = 4_096;
    private const int LongestAddress = 300;

    private static readonly string[] _dates = ["r", "dddd, dd-MMM-yy HH:mm:ss 'GMT'", "ddd MMM d HH:mm:ss yyyy"];

    /// <summary>Tells what an answer's headers say.</summary>
    /// <param name="notices">Who takes it; null for nobody.</param>
    /// <param name="endpoint">What was called.</param>
    /// <param name="address">Where the call went: links may be relative to it.</param>
    /// <param name="headers">The answer's headers.</param>
    public static void Tell(IVendorNotices? notices, VendorEndpoint endpoint, Uri address, HttpResponseHeaders headers)
    {
        ArgumentNullException.ThrowIfNull(headers);
        if (notices is null)
        {
            return;
        }

        foreach (var notice in Read(endpoint, address, headers))
        {
            notices.Take(endpoint, notice);
        }
    }

    /// <summary>What an answer's headers say; empty for nearly all answers.</summary>
    public static IReadOnlyList<VendorNotice> Read(VendorEndpoint endpoint, Uri address, HttpResponseHeaders headers)
    {
        ArgumentNullException.ThrowIfNull(endpoint);
        ArgumentNullException.ThrowIfNull(headers);
        var deprecations = ValuesOf(headers, "Deprecation").Select(DeprecationOf).Where(said => said.IsSaid).ToList();
        var sunsets = ValuesOf(headers, "Sunset").Select(DateOf).OfType<DateTimeOffset>().ToList();
        if (deprecations.Count == 0 && sunsets.Count == 0)
        {
            return [];
        }

        var links = ValuesOf(headers, "Link").SelectMany(LinksOf).ToLookup(link => link.Relation, link => link.Target, StringComparer.OrdinalIgnoreCase);
        var successor = AddressOf("successor-version");
        var notices = new List<VendorNotice>();
        if (deprecations.Count > 0)
        {
            notices.Add(new VendorNotice(NoticeKind.Deprecation) { At = deprecations.Min(said => said.At), Page = AddressOf("deprecation"), Successor = successor });
        }

        if (sunsets.Count > 0)
        {
            notices.Add(new VendorNotice(NoticeKind.Sunset) { At = sunsets.Min(), Page = AddressOf("sunset") ?? AddressOf("deprecation"), Successor = successor });
        }

        return notices;

        string? AddressOf(string relation) => links[relation].Select(target => Shown(target, endpoint, address)).FirstOrDefault(found => found is not null);
    }

    private static IEnumerable<string> ValuesOf(HttpResponseHeaders headers, string name) =>
        headers.TryGetValues(name, out var values) ? values.Where(value => value.Length is > 0 and <= LongestHeader) : [];

    /// <summary>A word that no document knows still says that the interface is deprecated, unless it says no.</summary>
    private static (bool IsSaid, DateTimeOffset? At) DeprecationOf(string value)
    {
        var item = value.Split(';', 2)[0].Trim();
        return item switch
        {
            "" or "?0" => (false, null),
            _ when item.Equals("false", StringComparison.OrdinalIgnoreCase) => (false, null),
            ['@', .. var seconds] => (true, MomentOf(seconds)),
            _ => (true, DateOf(item)),
        };
    }

    private static DateTimeOffset? MomentOf(string seconds) =>
        long.TryParse(seconds, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var since)
        && since >= DateTimeOffset.MinValue.ToUnixTimeSeconds() && since <= DateTimeOffset.MaxValue.ToUnixTimeSeconds()
            ? DateTimeOffset.FromUnixTimeSeconds(since)
            : null;

    private static DateTimeOffset? DateOf(string text) => DateTimeOffset.TryParseExact(
        text.Trim(), _dates, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal | DateTimeStyles.AdjustToUniversal | DateTimeStyles.AllowInnerWhite, out var date) ? date : null;

    private static IEnumerable<(string Relation, string Target)> LinksOf(string value) =>
        from Match link in Link().Matches(value)
        from Match said in Relations().Matches(link.Groups["parameters"].Value)
        from relation in said.Groups["relations"].Value.Trim('"').Split(' ', StringSplitOptions.RemoveEmptyEntries)
        select (relation, link.Groups["target"].Value);

    /// <summary>Addresses of calls may name a person, so what a vendor makes of one is not kept where that can be: below the same host, for an endpoint whose path is filled in.</summary>
    private static string? Shown(string target, VendorEndpoint endpoint, Uri address) =>
        Uri.TryCreate(address, target, out var found) && found.Scheme is "https" or "http"
        && !(endpoint.Path.Contains('{', StringComparison.Ordinal) && string.Equals(found.Host, address.Host, StringComparison.OrdinalIgnoreCase))
        && found.GetComponents(UriComponents.SchemeAndServer | UriComponents.Path, UriFormat.UriEscaped) is { Length: <= LongestAddress } shown
        && !shown.Contains('@', StringComparison.Ordinal) && !shown.Contains("%40", StringComparison.Ordinal)
            ? shown
            : null;

    [GeneratedRegex("""<(?<target>[^<>]*)>(?<parameters>(?:\s*;\s*[\w*-]+\s*(?:=\s*(?:"[^"]*"|[^\s;,"]+))?)*)""")]
    private static partial Regex Link();

    [GeneratedRegex("""(?:^|;)\s*rel\s*=\s*(?<relations>"[^"]*"|[^\s;,"]+)""", RegexOptions.IgnoreCase)]
    private static partial Regex Relations();
}
