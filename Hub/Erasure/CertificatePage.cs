using System.Globalization;
using System.Net;
using System.Security.Cryptography;
using System.Text;

namespace IntegrationHub.Hub.Erasure;

/// <summary>A certificate as a page to print. Whom it is about stands there only when whoever prints it says so. Pure.</summary>
internal static class CertificatePage
{
    private const string Style =
        "body{font:15px/1.5 system-ui,sans-serif;max-width:46rem;margin:3rem auto;padding:0 1rem;color:#1a1a1a}table{border-collapse:collapse;width:100%;margin:1rem 0}th,td{text-align:left;padding:.35rem .6rem;border-bottom:1px solid #ccc;vertical-align:top}pre{white-space:pre-wrap;overflow-wrap:anywhere;font-size:11px;background:#f6f6f6;padding:1rem}@media print{body{margin:0}}";

    /// <summary>What a browser may do with the page: draw it in its own style, and nothing else.</summary>
    public static string Policy { get; } = $"default-src 'none'; style-src 'sha256-{Convert.ToBase64String(SHA256.HashData(Encoding.UTF8.GetBytes(Style)))}'; frame-ancestors 'none'";

    /// <summary>The page.</summary>
    /// <param name="certificate">What was done.</param>
    /// <param name="signed">The same, signed.</param>
    /// <param name="key">A key of the person, or null.</param>
    public static string Of(ErasureCertificate certificate, string signed, string? key)
    {
        var page = new StringBuilder();
        page.Append("<!doctype html><html lang=\"en\"><meta charset=\"utf-8\"><title>Certificate of erasure</title><style>").Append(Style).Append("</style><h1>Certificate of erasure</h1><table>");
        Row("Person", key ?? "named by a keyed hash alone");
        Row("Keyed hash", certificate.SubjectHash);
        Row("Request", certificate.RequestId.ToString());
        Row("Law", certificate.Law);
        Row("State", certificate.State);
        Row("Received", Time(certificate.ReceivedAt));
        Row("Deadline", Time(certificate.Deadline));
        Row("Nothing left the hub since", Time(certificate.SuppressedAt));
        Row("Erased", Time(certificate.ErasedAt));
        Row("Last look", Time(certificate.CompletedAt));
        page.Append("</table><h2>Destinations</h2><table><tr><th>Where</th><th>What</th><th>Found</th><th>Read back</th><th>Later looks</th></tr>");
        foreach (var destination in certificate.Destinations)
        {
            page.Append("<tr>");
            foreach (var cell in new[]
            {
                destination.Name, destination.Reason is null ? destination.Action : $"{destination.Action} ({destination.Reason})", destination.Found.ToString(CultureInfo.InvariantCulture),
                destination.ReadBack is { } read ? $"{read.Result}, {Time(read.At)}" : "–", destination.Rechecks.Count == 0 ? "–" : string.Join("; ", destination.Rechecks.Select(look => $"{look.Result}, {Time(look.At)}")),
            })
            {
                page.Append("<td>").Append(WebUtility.HtmlEncode(cell)).Append("</td>");
            }

            page.Append("</tr>");
        }

        page.Append("</table><h2>In the hub</h2><table>");
        foreach (var (what, count) in certificate.Own)
        {
            Row(what, count.ToString(CultureInfo.InvariantCulture));
        }

        page.Append("</table><h2>Kept</h2><table>");
        foreach (var kept in certificate.Kept)
        {
            Row(kept.What, kept.Why);
        }

        page.Append("</table><h2>Signed</h2><pre>").Append(WebUtility.HtmlEncode(signed)).Append("</pre></html>");
        return page.ToString();

        void Row(string name, string value) => page.Append("<tr><th>").Append(WebUtility.HtmlEncode(name)).Append("</th><td>").Append(WebUtility.HtmlEncode(value)).Append("</td></tr>");
    }

    private static string Time(DateTimeOffset? at) => at?.ToUniversalTime().ToString("u", CultureInfo.InvariantCulture) ?? "–";
}
