using IntegrationHub.Connectors.Abstractions;

namespace IntegrationHub.Connectors.Marketo;

/// <summary>
/// API versions, endpoints and vendor pages in use. An endpoint is also what the call gate counts by. Adobe announced no end of any of them when its pages were read on 2026-11-28: what it ended in 2026, the SOAP API and
/// tokens in the query (https://experienceleague.adobe.com/en/docs/marketo-developer/marketo/rest/authentication), is not called.
/// </summary>
internal static class MarketoApiVersion
{
    /// <summary>Version in the paths of the lead database, the asset API and the bulk API.</summary>
    public const string Rest = "v1";

    private const string Lead = $"/rest/{Rest}/leads";
    private const string Activity = $"/rest/{Rest}/activities/external";
    private const string Import = $"/bulk/{Rest}/leads";
    private const string Extract = $"/bulk/{Rest}/leads/export";

    public static readonly Uri AuthenticationPage = Page("authentication");
    public static readonly Uri ErrorCodesPage = Page("error-codes");
    public static readonly Uri RestPage = Page("rest-api");
    public static readonly Uri LeadsPage = Page("leads");
    public static readonly Uri MembershipPage = Page("list-membership");
    public static readonly Uri StaticListsPage = Page("static-lists");
    public static readonly Uri ActivitiesPage = Page("activities");
    public static readonly Uri PagingTokensPage = Page("paging-tokens");
    public static readonly Uri BulkImportPage = Page("bulk-lead-import");
    public static readonly Uri BulkExtractPage = Page("bulk-extract");
    public static readonly Uri BulkLeadExtractPage = Page("bulk-lead-extract");
    public static readonly Uri UsagePage = Page("usage");

    /// <summary>Not counted by the vendor, so it passes no gate.</summary>
    public static readonly VendorEndpoint Token = new("POST", "/identity/oauth/token", "OAuth 2.0", AuthenticationPage);

    public static readonly VendorEndpoint SyncLeads = new("POST", $"{Lead}.json", Rest, LeadsPage) { WritesPeople = true };

    /// <summary>The vendor turns a POST into a query by this switch, so that filter values travel in the body.</summary>
    public static readonly VendorEndpoint QueryLeads = new("POST", $"{Lead}.json?_method=GET", Rest, LeadsPage);
    public static readonly VendorEndpoint Describe = new("GET", $"{Lead}/describe2.json", Rest, LeadsPage);
    public static readonly VendorEndpoint MergeLeads = new("POST", $"{Lead}/{{leadId}}/merge.json", Rest, LeadsPage) { WritesPeople = true };
    public static readonly VendorEndpoint DeleteLeads = new("POST", $"{Lead}/delete.json", Rest, LeadsPage) { WritesPeople = true };
    public static readonly VendorEndpoint AddToList = new("POST", $"/rest/{Rest}/lists/{{listId}}/leads.json", Rest, MembershipPage) { WritesPeople = true };
    public static readonly VendorEndpoint RemoveFromList = new("DELETE", AddToList.Path, Rest, MembershipPage) { WritesPeople = true };
    public static readonly VendorEndpoint ListMembers = new("GET", AddToList.Path, Rest, MembershipPage);
    public static readonly VendorEndpoint AreMembers = new("GET", $"/rest/{Rest}/lists/{{listId}}/leads/ismember.json", Rest, MembershipPage);
    public static readonly VendorEndpoint FindLists = new("GET", $"/rest/{Rest}/lists.json", Rest, MembershipPage);
    public static readonly VendorEndpoint CreateList = new("POST", $"/rest/asset/{Rest}/staticLists.json", Rest, StaticListsPage);
    public static readonly VendorEndpoint AddActivities = new("POST", $"{Activity}.json", Rest, ActivitiesPage) { WritesPeople = true };
    public static readonly VendorEndpoint ActivityTypes = new("GET", $"{Activity}/types.json", Rest, ActivitiesPage);
    public static readonly VendorEndpoint ActivityType = new("GET", $"{Activity}/type/{{apiName}}/describe.json", Rest, ActivitiesPage);
    public static readonly VendorEndpoint PagingToken = new("GET", $"/rest/{Rest}/activities/pagingtoken.json", Rest, PagingTokensPage);
    public static readonly VendorEndpoint LeadChanges = new("GET", $"/rest/{Rest}/activities/leadchanges.json", Rest, ActivitiesPage);
    public static readonly VendorEndpoint LeadActivities = new("GET", $"/rest/{Rest}/activities.json", Rest, ActivitiesPage);
    public static readonly VendorEndpoint StartImport = new("POST", $"{Import}.json", Rest, BulkImportPage) { WritesPeople = true };
    public static readonly VendorEndpoint ImportStatus = new("GET", $"{Import}/batch/{{batchId}}.json", Rest, BulkImportPage);
    public static readonly VendorEndpoint ImportFailures = new("GET", $"{Import}/batch/{{batchId}}/failures.json", Rest, BulkImportPage);
    public static readonly VendorEndpoint ImportWarnings = new("GET", $"{Import}/batch/{{batchId}}/warnings.json", Rest, BulkImportPage);
    public static readonly VendorEndpoint CreateExtract = new("POST", $"{Extract}/create.json", Rest, BulkLeadExtractPage);
    public static readonly VendorEndpoint EnqueueExtract = new("POST", $"{Extract}/{{exportId}}/enqueue.json", Rest, BulkLeadExtractPage);
    public static readonly VendorEndpoint ExtractStatus = new("GET", $"{Extract}/{{exportId}}/status.json", Rest, BulkExtractPage);
    public static readonly VendorEndpoint ExtractFile = new("GET", $"{Extract}/{{exportId}}/file.json", Rest, BulkExtractPage);
    public static readonly VendorEndpoint Usage = new("GET", $"/rest/{Rest}/stats/usage.json", Rest, UsagePage);

    /// <summary>Those that draw on the call budgets.</summary>
    public static readonly IReadOnlyList<VendorEndpoint> Counted =
    [
        SyncLeads, QueryLeads, Describe, MergeLeads, DeleteLeads, AddToList, RemoveFromList, ListMembers, AreMembers, FindLists,
        CreateList, AddActivities, ActivityTypes, ActivityType, PagingToken, LeadChanges, LeadActivities, StartImport, ImportStatus, ImportFailures, ImportWarnings,
        CreateExtract, EnqueueExtract, ExtractStatus, ExtractFile, Usage,
    ];

    public static readonly IReadOnlyList<VendorEndpoint> Endpoints = [Token, .. Counted];

    /// <summary>A path below a destination's base URL, which may have a path of its own.</summary>
    public static Uri At(Uri baseUrl, string path) => new(baseUrl.AbsoluteUri.TrimEnd('/') + path);

    private static Uri Page(string name) => new($"https://github.com/AdobeDocs/marketo-developer.en/blob/main/help/rest-api/{name}.md");
}
