using System.Text;
using System.Text.Json;
using IntegrationHub.Hub.Configuration;
using IntegrationHub.Hub.Intake.Webhooks;
using IntegrationHub.Hub.Intake.Webhooks.Dialects;

namespace IntegrationHub.Hub.Tests.Intake.Webhooks;

/// <summary>Sources and their calls, without a configuration folder.</summary>
internal static class Sources
{
    public static SourceConfiguration Of(
        SourceDialect dialect = SourceDialect.Json, SignatureScheme scheme = SignatureScheme.Bearer, string header = "Authorization", string? publicUrl = null, bool allowsV1 = false, params string[] secrets) => new()
        {
            Name = "web",
            Dialect = dialect,
            PublicUrl = publicUrl is null ? null : new Uri(publicUrl),
            Signature = new SignatureSection
            {
                Scheme = scheme,
                Secrets = [.. secrets.Select(secret => SecretReference.ToEnvironment("X", _ => secret))],
                Header = header,
                Tolerance = TimeSpan.FromMinutes(5),
                AllowsV1 = allowsV1,
            },
        };

    public static WebhookCall Call(string body, string query = "", params (string Name, string Value)[] headers) => Call(Encoding.UTF8.GetBytes(body), query, headers);

    public static WebhookCall Call(byte[] body, string query = "", params (string Name, string Value)[] headers) =>
        new("POST", query, name => headers.Where(header => header.Name.Equals(name, StringComparison.OrdinalIgnoreCase)).Select(header => header.Value).SingleOrDefault(), body);

    public static Normalised Read(SourceConfiguration source, string body, string key = "k") => Normalisation.Read(source, key, Encoding.UTF8.GetBytes(body));

    /// <summary>The facts of a call that are no defects, parsed.</summary>
    public static List<JsonElement> Facts(SourceConfiguration source, string body, string key = "k") =>
        [.. Read(source, body, key).Facts.Where(fact => fact.Defect is null).Select(fact => JsonElement.Parse(fact.Body.Span))];
}
