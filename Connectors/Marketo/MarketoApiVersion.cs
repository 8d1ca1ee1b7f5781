using IntegrationHub.Connectors.Abstractions;

namespace IntegrationHub.Connectors.Marketo;

/// <summary>API versions, paths and vendor pages in use.</summary>
internal static class MarketoApiVersion
{
    /// <summary>Version in the paths of the lead database and the asset API.</summary>
    public const string Rest = "v1";

    public const string Token = "/identity/oauth/token";
    public const string Leads = $"/rest/{Rest}/leads.json";

    /// <summary>The vendor turns a POST into a query by this switch, so that filter values travel in the body.</summary>
    public const string QueryLeads = $"{Leads}?_method=GET";
    public const string Describe = $"/rest/{Rest}/leads/describe2.json";
    public const string Lists = $"/rest/{Rest}/lists.json";
    public const string StaticLists = $"/rest/asset/{Rest}/staticLists.json";

    public static readonly Uri AuthenticationPage = Page("authentication");
    public static readonly Uri ErrorCodesPage = Page("error-codes");
    public static readonly Uri RestPage = Page("rest-api");
    public static readonly Uri LeadsPage = Page("leads");
    public static readonly Uri MembershipPage = Page("list-membership");
    public static readonly Uri StaticListsPage = Page("static-lists");

    public static readonly IReadOnlyList<VendorEndpoint> Endpoints =
    [
        new("POST", Token, "OAuth 2.0", AuthenticationPage),
        new("POST", Leads, Rest, LeadsPage),
        new("POST", QueryLeads, Rest, LeadsPage),
        new("GET", Describe, Rest, LeadsPage),
        new("POST", ListMembers("{listId}"), Rest, MembershipPage),
        new("DELETE", ListMembers("{listId}"), Rest, MembershipPage),
        new("GET", ListMembers("{listId}"), Rest, MembershipPage),
        new("GET", Lists, Rest, MembershipPage),
        new("POST", StaticLists, Rest, StaticListsPage),
    ];

    public static string ListMembers(string listId) => $"/rest/{Rest}/lists/{listId}/leads.json";

    /// <summary>A path below a destination's base URL, which may have a path of its own.</summary>
    public static Uri At(Uri baseUrl, string path) => new(baseUrl.AbsoluteUri.TrimEnd('/') + path);

    private static Uri Page(string name) => new($"https://github.com/AdobeDocs/marketo-developer.en/blob/main/help/rest-api/{name}.md");
}
