using IntegrationHub.Connectors.Abstractions;

namespace IntegrationHub.Hub.Configuration;

/// <summary>Reads the section <c>consent</c> of <c>destinations/*.yaml</c>.</summary>
internal static class ConsentSectionParser
{
    /// <summary>How the destination keeps consent, or null when the section is absent or of no use.</summary>
    public static ConsentSection? Parse(YamlSection? section, ConnectorDescriptor connector)
    {
        if (section is null)
        {
            return null;
        }

        var marketingEmail = section.Text("marketing_email");
        var topics = new Dictionary<string, TopicSection>(StringComparer.Ordinal);
        var byPurpose = section.Section("topics");
        foreach (var purpose in byPurpose?.Keys ?? [])
        {
            if (byPurpose!.Section(purpose) is { } topic)
            {
                var reference = topic.Text("ref", required: true);
                var channel = topic.Choice<ConsentChannel>("channel") ?? ConsentChannel.Email;
                topic.RejectUnknownKeys();
                topics[purpose] = new TopicSection(reference ?? "", channel);
            }
        }

        section.RejectUnknownKeys();
        if (!connector.Operations.ContainsKey(Operation.SetConsent))
        {
            section.Fail(section.Line, $"{connector.DisplayName} keeps no consent.", "Remove the section consent.");
            return null;
        }

        if (marketingEmail is null && topics.Count == 0)
        {
            section.Fail(section.Line, "The section consent says nothing.", "Write marketing_email: PURPOSE, topics, or remove it.");
            return null;
        }

        return new ConsentSection(marketingEmail, topics);
    }
}
