using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text;

namespace IntegrationHub.Hub.Console.Access;

/// <summary>
/// Proves that a form came from a page that the hub showed to this browser: what the form carries follows from a cookie that other sites cannot read. Beside it each post is refused that a
/// browser makes for a page of another site.
/// </summary>
internal static class FormToken
{
    /// <summary>Name of the field.</summary>
    public const string Field = "form-token";

    private const string Name = "hub-browser";
    private static readonly object _key = new();

    /// <summary>What forms of this page carry; gives the browser its cookie when it has none.</summary>
    public static string Of(HttpContext http)
    {
        if (http.Items[_key] is string made)
        {
            return made;
        }

        var browser = Cookies.Find(http, Name);
        if (browser is null)
        {
            browser = Base64Url.EncodeToString(RandomNumberGenerator.GetBytes(32));
            Cookies.Keep(http, Name, browser);
        }

        var token = From(browser);
        http.Items[_key] = token;
        return token;
    }

    /// <summary>True when the form is one of ours.</summary>
    public static bool IsGood(HttpContext http, IFormCollection form) => Cookies.Find(http, Name) is { } browser
        && CryptographicOperations.FixedTimeEquals(Encoding.ASCII.GetBytes(From(browser)), Encoding.ASCII.GetBytes(form[Field].ToString()));

    private static string From(string browser) => Base64Url.EncodeToString(HMACSHA256.HashData(Encoding.UTF8.GetBytes(browser), "form"u8));
}
