using IntegrationHub.Storage.Alerts;

namespace IntegrationHub.Hub.Configuration;

/// <summary>Reads <c>alerts.yaml</c>.</summary>
/// <param name="secrets">Reads references to secrets.</param>
internal sealed class AlertsFileParser(SecretReferenceParser secrets)
{
    private const int UsualMailPort = 587;

    /// <summary>The routes without mistakes.</summary>
    public IReadOnlyList<AlertRoute> Parse(ConfigurationFile file, IReadOnlyCollection<string> destinations)
    {
        var routes = new List<AlertRoute>();
        if (file.Root.Section("routes", required: true) is { } section)
        {
            foreach (var name in section.Keys)
            {
                if (!ConfigurationNames.IsName(name))
                {
                    section.Fail(name, $"{section.PathOf(name)} is not a good name.", ConfigurationNames.Rule);
                }

                if (section.Section(name) is { } about && Route(name, about, destinations) is { } route)
                {
                    routes.Add(route);
                }
            }
        }

        file.Root.RejectUnknownKeys();
        return routes;
    }

    private AlertRoute? Route(string name, YamlSection about, IReadOnlyCollection<string> destinations)
    {
        var kind = about.Choice<AlertRouteKind>("kind", required: true);
        var severities = OneOf(about, "severities", AlertSeverity.InOrder);
        var only = OneOf(about, "destinations", destinations);
        if (kind is null)
        {
            return null;
        }

        var route = new AlertRoute(name, kind.Value, severities, only);
        route = kind switch
        {
            AlertRouteKind.Slack => route with { Secrets = Secret(about, "url") },
            AlertRouteKind.Pagerduty => route with { Secrets = Secret(about, "routing_key"), Url = Address(about, required: false) },
            AlertRouteKind.Webhook => route with { Secrets = about.Has("secrets") ? Secrets(about) : Secret(about, "secret"), Url = Address(about, required: true) },
            _ => route with { Mail = Mail(about), Secrets = about.Has("password") ? Secret(about, "password") : [] },
        };
        about.RejectUnknownKeys();
        return route;
    }

    private static IReadOnlyList<string> OneOf(YamlSection about, string key, IReadOnlyCollection<string> known)
    {
        var said = about.Texts(key);
        foreach (var wrong in said.Where(one => !known.Contains(one)))
        {
            about.Fail(key, $"{about.PathOf(key)} cannot be {wrong}.", $"{Spelling.Hint(wrong, known)}Write some of: {string.Join(", ", known)}.");
        }

        return said;
    }

    private List<SecretReference> Secret(YamlSection about, string key) => about.Section(key, required: true) is { } section ? Read(about, key, [section]) : [];

    /// <summary>Both, while one is replaced by another.</summary>
    private List<SecretReference> Secrets(YamlSection about)
    {
        const string Key = "secrets";
        if (about.Has("secret"))
        {
            about.Fail(Key, $"{about.PathOf(Key)} and secret are both there.", "Keep secrets, with the new and the old one while receivers change, or secret with the one that they know.");
        }

        return Read(about, Key, about.Sections(Key, required: true));
    }

    private List<SecretReference> Read(YamlSection about, string key, IReadOnlyList<YamlSection> sections)
    {
        var read = sections.Select(secrets.Parse).ToList();
        if (read.Contains(null))
        {
            about.Fail(key, $"{about.PathOf(key)} does not say where the secret is kept.", $"Write {key}: {SecretReferenceParser.Form}. A secret does not stand in the file itself.");
        }

        return [.. read.OfType<SecretReference>()];
    }

    private static Uri? Address(YamlSection about, bool required)
    {
        if (about.Text("url", required) is not { } text)
        {
            return null;
        }

        if (Uri.TryCreate(text, UriKind.Absolute, out var url) && url.Scheme is "https" or "http")
        {
            return url;
        }

        about.Fail("url", $"{about.PathOf("url")} is no address.", "Write a whole one, such as https://ops.example.com/alerts.");
        return null;
    }

    private static MailSection? Mail(YamlSection about)
    {
        var (host, from, to, user) = (about.Text("host", required: true), about.Text("from", required: true), about.Texts("to", required: true), about.Text("user"));
        var port = (int?)about.Number("port", 1, 65_535) ?? UsualMailPort;
        var isPlain = about.Flag("plain");
        foreach (var wrong in to.Append(from).OfType<string>().Where(address => !MimeKit.MailboxAddress.TryParse(address, out _)))
        {
            about.Fail("to", $"{about.PathOf("to")} and from hold {wrong}, which is no address.", "Write addresses such as on-call@example.com.");
        }

        return host is null || from is null || to.Count == 0 ? null : new MailSection(host, port, isPlain, user, from, to);
    }
}
