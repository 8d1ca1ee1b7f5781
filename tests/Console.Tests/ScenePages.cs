namespace IntegrationHub.Console.Tests;

/// <summary>The pages of the scene, and where pictures of them stay.</summary>
internal static class ScenePages
{
    /// <summary>Their addresses, with words in place of what the scene has made.</summary>
    public static IReadOnlyList<string> All { get; } =
    [
        "/", "/runs", "/runs/OVER", "/runs/WAITING", "/runs/STUCK", "/runs/OVER/records?outcome=rejected", "/runs/OVER/findings", "/dead-letters", "/dead-letters/1", "/dead-letters/group?destination=hubspot&operation=add_member&code=buried", "/dead-letters/list?status=open",
        "/actions", "/destinations", "/destinations/braze", "/destinations/marketo", "/destinations/braze/minutes?lane=bulk", "/destinations/marketo/backlog", "/approvals",
        "/audiences", "/backfills", "/schedules", "/alerts", "/hubs", "/audit", "/catalog", "/catalog/profile_updated", "/map", "/changes", "/changes/1", "/shadows", "/shadows/platform-b/people?attribute=occupation&state=different", "/people", "/people/1", "/do/start-sync",
        "/do/cancel-run?run=WAITING", "/do/check?destination=braze", "/erasures", "/consent", "/consent/parts?purpose=email_marketing", "/approvals/APPROVAL",
    ];

    /// <summary>Whether pictures are wanted: <c>HUB_TEST_PICTURES</c>.</summary>
    public static bool TakesPictures { get; } = Environment.GetEnvironmentVariable("HUB_TEST_PICTURES") is not null;

    /// <summary>The address of a page.</summary>
    public static string Address(string path) => path.Replace("OVER", Scene.Over.ToString(), StringComparison.Ordinal).Replace("STUCK", Scene.Stuck.ToString(), StringComparison.Ordinal).Replace("WAITING", Scene.Waiting.ToString(), StringComparison.Ordinal).Replace("APPROVAL", Scene.Approval.ToString(), StringComparison.Ordinal);

    /// <summary>A page's name in those of files.</summary>
    public static string NameOf(string path) => path == "/" ? "overview" : path.Trim('/').Replace('/', '-').Replace('?', '-');

    /// <summary>Where a picture goes.</summary>
    public static string Picture(string name) => Path.Combine(Directory.CreateDirectory(Path.Combine(TestContext.CurrentContext.WorkDirectory, "pictures")).FullName, $"{name}.png");
}
