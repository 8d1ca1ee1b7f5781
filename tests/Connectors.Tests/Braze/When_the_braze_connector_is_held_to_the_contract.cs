using System.Net.Http.Json;
using Connectors.Tests.Conformance;
using IntegrationHub.Connectors.Abstractions;

namespace Connectors.Tests.Braze;

public sealed class When_the_braze_connector_is_held_to_the_contract()
    : ConnectorConformance("braze", new VendorWords("first_name", Topic: "group-news", Behavior: "page viewed") { WritesMakeFields = true, AnswersPerRecord = false, MaxText = 255 })
{
    protected override async Task KnowByAliasAsync(HttpClient vendor, IReadOnlyDictionary<string, string> credentials, IReadOnlyList<ProfileAlias> aliases)
    {
        var attributes = aliases.Select(alias => new { user_alias = new { alias_name = alias.Name, alias_label = alias.Label }, _update_existing_only = false, seen = 1 });
        vendor.DefaultRequestHeaders.Authorization = new("Bearer", credentials["api_key"]);
        using var answer = await vendor.PostAsJsonAsync("users/track", new { attributes });
        answer.EnsureSuccessStatusCode();
    }
}
